import { z } from 'zod';
import { annotations } from '../../src/config/annotations.ts';

const TTL = "milliseconds or a text like '5m'";
const NUMBER = 'a number';

// Types are checked here; what a key, a TTL or a value must be like is the cache actor's own business, whoever asks.
const key = z.string();
const keys = z.array(z.string()).readonly();
const ttl = z
  .custom<number | string>(
    (given) => typeof given === 'number' || typeof given === 'string',
    `expected ${TTL}`,
  )
  .register(annotations, { expected: TTL });
const number = z
  .custom<number>((given) => typeof given === 'number', `expected ${NUMBER}`)
  .register(annotations, { expected: NUMBER });
const wait = number;
const value = z.unknown();
const tags = z.array(z.string()).readonly();
const entry = z
  .strictObject({ key, value, ttl: ttl.optional(), grace: ttl.optional(), tags: tags.optional() })
  .readonly();

/** Every message of the cache actor. */
export const cacheSchema = {
  'cache.get': z.strictObject({ type: z.literal('cache.get'), key }),
  'cache.find': z.strictObject({ type: z.literal('cache.find'), key }),
  'cache.has': z.strictObject({ type: z.literal('cache.has'), key }),
  'cache.getMany': z.strictObject({ type: z.literal('cache.getMany'), keys }),
  'cache.set': z.strictObject({
    type: z.literal('cache.set'),
    key,
    value,
    ttl: ttl.optional(),
    grace: ttl.optional(),
    tags: tags.optional(),
    wait: wait.optional(),
  }),
  'cache.setMany': z.strictObject({
    type: z.literal('cache.setMany'),
    entries: z.array(entry).readonly(),
    ttl: ttl.optional(),
    grace: ttl.optional(),
    tags: tags.optional(),
    wait: wait.optional(),
  }),
  'cache.delete': z.strictObject({ type: z.literal('cache.delete'), key, wait: wait.optional() }),
  'cache.deleteMany': z.strictObject({ type: z.literal('cache.deleteMany'), keys, wait: wait.optional() }),
  'cache.touch': z.strictObject({
    type: z.literal('cache.touch'),
    key,
    ttl: ttl.optional(),
    wait: wait.optional(),
  }),
  'cache.increment': z.strictObject({
    type: z.literal('cache.increment'),
    key,
    by: number.optional(),
    ttl: ttl.optional(),
    wait: wait.optional(),
  }),
  'cache.clear': z.strictObject({ type: z.literal('cache.clear'), prefix: z.string().optional() }),
  'cache.invalidateTags': z.strictObject({
    type: z.literal('cache.invalidateTags'),
    tags,
    wait: wait.optional(),
  }),
  'cache.expireTags': z.strictObject({
    type: z.literal('cache.expireTags'),
    tags,
    wait: wait.optional(),
  }),
  'cache.keys': z.strictObject({
    type: z.literal('cache.keys'),
    prefix: z.string().optional(),
    cursor: z.string().optional(),
    limit: number.optional(),
  }),
  'cache.acquire': z.strictObject({
    type: z.literal('cache.acquire'),
    key,
    stale: z.enum(['never', 'fallback', 'now']).optional(),
    renew: z.boolean().optional(),
    timing: z.boolean().optional(),
  }),
  'cache.acquireMany': z.strictObject({
    type: z.literal('cache.acquireMany'),
    keys,
    lease: z.string().optional(),
    patient: z.boolean().optional(),
  }),
  'cache.fulfil': z.strictObject({
    type: z.literal('cache.fulfil'),
    key,
    lease: z.string(),
    value: value.optional(),
    ttl: ttl.optional(),
    grace: ttl.optional(),
    took: number.optional(),
    etag: z.string().optional(),
    modified: number.optional(),
    tags: tags.optional(),
    absent: z.boolean().optional(),
  }),
  'cache.abandon': z.strictObject({
    type: z.literal('cache.abandon'),
    key,
    lease: z.string(),
    reason: value.optional(),
    backoff: number.optional(),
  }),
  'cache.stats': z.strictObject({ type: z.literal('cache.stats') }),
} as const;
