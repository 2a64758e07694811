import { z } from 'zod';
import { annotations } from './annotations.ts';
import { DEFAULTS } from './defaults.ts';
import { durableSchema } from './durable-schema.ts';
import { isLoopback } from './loopback.ts';
import { namespacesSchema } from './namespaces-schema.ts';
import { nearSchema } from './near-schema.ts';
import { isObject, redisSchema } from './redis-schema.ts';
import { bytes, count, milliseconds, positive, share, ttl, within } from './scalars.ts';

const LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** Bounds of a backoff. */
function bounds(defaults: { readonly min: number; readonly max: number }) {
  return z
    .strictObject({
      min: milliseconds.default(defaults.min),
      max: milliseconds.default(defaults.max),
    })
    .refine(({ min, max }) => min <= max, {
      path: ['min'],
      message: 'expected at most what max is',
    })
    .prefault({});
}

/** What can stand in a header after `Bearer`. */
const token = z
  .string()
  .regex(/^[\x21-\x7e]{16,}$/)
  .register(annotations, { expected: 'at least 16 visible ASCII characters without spaces' });

const http = z
  .strictObject({
    host: z.string().min(1).default(DEFAULTS.http.host),
    port: within(0, 65_535).default(DEFAULTS.http.port),
    token: token.optional(),
    bodyLimit: bytes.default(DEFAULTS.http.bodyLimit),
  })
  .refine(({ host, token }) => typeof host !== 'string' || isLoopback(host) || token !== undefined, {
    path: ['token'],
    message: 'expected a token, as http.host is not a loopback address',
    when: isObject,
  });

/** Everything that can be configured, by object or by environment. One schema for both. */
export const optionsSchema = z.strictObject({
  redis: redisSchema.optional(),
  prefix: z.string().max(256).default(DEFAULTS.prefix),
  ttl: ttl.prefault(DEFAULTS.ttl),
  deadline: milliseconds.default(DEFAULTS.deadline),
  maxValueLength: positive.default(DEFAULTS.maxValueLength),
  namespaces: namespacesSchema.optional(),
  memory: z
    .strictObject({
      maxEntries: within(1, 16_777_216).default(DEFAULTS.memory.maxEntries),
      maxBytes: bytes.default(DEFAULTS.memory.maxBytes),
      foreignTtl: ttl.prefault(DEFAULTS.memory.foreignTtl),
      isolation: z.enum(['copy', 'shared']).default(DEFAULTS.memory.isolation),
    })
    .prefault({}),
  near: nearSchema.prefault(DEFAULTS.near.enabled),
  batch: z
    .strictObject({
      maxKeys: within(1, 4_096).default(DEFAULTS.batch.maxKeys),
      maxBytes: bytes.default(DEFAULTS.batch.maxBytes),
      maxInFlight: within(1, 1_024).default(DEFAULTS.batch.maxInFlight),
    })
    .prefault({}),
  breaker: z
    .strictObject({
      failures: positive.default(DEFAULTS.breaker.failures),
      errorRate: share.default(DEFAULTS.breaker.errorRate),
      minimum: positive.default(DEFAULTS.breaker.minimum),
      window: milliseconds.default(DEFAULTS.breaker.window),
      resetTimeout: milliseconds.default(DEFAULTS.breaker.resetTimeout),
      probe: bounds(DEFAULTS.breaker.probe),
    })
    .prefault({}),
  mailbox: z.strictObject({ capacity: positive.default(DEFAULTS.mailbox.capacity) }).prefault({}),
  journal: z
    .strictObject({
      maxEntries: positive.default(DEFAULTS.journal.maxEntries),
      maxBytes: bytes.default(DEFAULTS.journal.maxBytes),
    })
    .prefault({}),
  durable: durableSchema.optional(),
  lease: z.strictObject({ ttl: ttl.prefault(DEFAULTS.lease.ttl) }).prefault({}),
  load: z
    .strictObject({
      concurrency: positive.default(DEFAULTS.load.concurrency),
      queue: count.default(DEFAULTS.load.queue),
    })
    .prefault({}),
  hotKeys: z.strictObject({ size: within(0, 10_000).default(DEFAULTS.hotKeys.size) }).prefault({}),
  failover: z
    .strictObject({
      window: ttl.prefault(DEFAULTS.failover.window),
      maxEntries: within(0, 1_000_000).default(DEFAULTS.failover.maxEntries),
      maxBytes: bytes.default(DEFAULTS.failover.maxBytes),
    })
    .prefault({}),
  supervisor: z
    .strictObject({
      strategy: z.enum(['one-for-one', 'one-for-all', 'rest-for-one']).default(DEFAULTS.supervisor.strategy),
      intensity: count.default(DEFAULTS.supervisor.intensity),
      period: milliseconds.default(DEFAULTS.supervisor.period),
      backoff: bounds(DEFAULTS.supervisor.backoff),
    })
    .prefault({}),
  drain: milliseconds.default(DEFAULTS.drain),
  http: http.prefault({}),
  log: z.strictObject({ level: z.enum(LEVELS).default(DEFAULTS.log.level) }).prefault({}),
});

/** What a user may write. */
export type OptionsInput = z.input<typeof optionsSchema>;
/** What the system works with: every default filled in, every TTL in milliseconds. */
export type Options = z.output<typeof optionsSchema>;
