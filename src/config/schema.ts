import type { ConnectionOptions } from 'node:tls';
import { z } from 'zod';
import { ttlMilliseconds } from '../wire/ttl.ts';
import { DEFAULTS } from './defaults.ts';

const positive = z.int().positive();
const milliseconds = z.int().positive().max(2_147_483_647);
const port = z.int().min(1).max(65_535);

const ttl = z.union([z.number(), z.string()]).transform((value, context) => {
  try {
    return ttlMilliseconds(value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'not a TTL' });
    return z.NEVER;
  }
});

const address = z.strictObject({ host: z.string().min(1), port });
const tls = z.union([
  z.boolean(),
  z.custom<ConnectionOptions>((value) => typeof value === 'object' && value !== null),
]);

const redis = z
  .strictObject({
    url: z.string().min(1).optional(),
    host: z.string().min(1).optional(),
    port: port.optional(),
    path: z.string().min(1).optional(),
    sentinel: z
      .strictObject({
        name: z.string().min(1),
        nodes: z.array(address).min(1),
        password: z.string().optional(),
      })
      .optional(),
    cluster: z.strictObject({ nodes: z.array(address).min(1) }).optional(),
    username: z.string().min(1).optional(),
    password: z.string().optional(),
    database: z.int().min(0).max(1_000_000).optional(),
    tls: tls.optional(),
    connectTimeout: milliseconds.default(DEFAULTS.redis.connectTimeout),
    commandTimeout: milliseconds.default(DEFAULTS.redis.commandTimeout),
    tombstoneTtl: ttl.prefault(DEFAULTS.redis.tombstoneTtl),
  })
  .refine(
    (value) =>
      [value.url, value.host, value.path, value.sentinel, value.cluster].filter(Boolean).length === 1,
    {
      message: 'expected exactly one of url, host, path, sentinel, cluster',
    },
  )
  .refine((value) => !value.cluster || !value.database, { message: 'a Cluster has no database numbers' });

/** Everything that can be configured, by object or by environment. One schema for both. */
export const optionsSchema = z.strictObject({
  redis: redis.optional(),
  prefix: z.string().max(256).default(DEFAULTS.prefix),
  ttl: ttl.prefault(DEFAULTS.ttl),
  deadline: milliseconds.default(DEFAULTS.deadline),
  maxValueLength: positive.default(DEFAULTS.maxValueLength),
  memory: z
    .strictObject({
      maxEntries: positive.max(16_777_216).default(DEFAULTS.memory.maxEntries),
      maxBytes: positive.default(DEFAULTS.memory.maxBytes),
      foreignTtl: ttl.prefault(DEFAULTS.memory.foreignTtl),
      isolation: z.enum(['copy', 'shared']).optional(),
    })
    .prefault({}),
  batch: z
    .strictObject({
      maxKeys: positive.max(4_096).default(DEFAULTS.batch.maxKeys),
      maxBytes: positive.default(DEFAULTS.batch.maxBytes),
      maxInFlight: positive.max(1_024).default(DEFAULTS.batch.maxInFlight),
    })
    .prefault({}),
  breaker: z
    .strictObject({
      failures: positive.default(DEFAULTS.breaker.failures),
      errorRate: z.number().gt(0).max(1).default(DEFAULTS.breaker.errorRate),
      minimum: positive.default(DEFAULTS.breaker.minimum),
      window: milliseconds.default(DEFAULTS.breaker.window),
      resetTimeout: milliseconds.default(DEFAULTS.breaker.resetTimeout),
      probe: z
        .strictObject({
          min: milliseconds.default(DEFAULTS.breaker.probe.min),
          max: milliseconds.default(DEFAULTS.breaker.probe.max),
        })
        .prefault({}),
    })
    .prefault({}),
  mailbox: z.strictObject({ capacity: positive.default(DEFAULTS.mailbox.capacity) }).prefault({}),
  journal: z
    .strictObject({
      maxEntries: positive.default(DEFAULTS.journal.maxEntries),
      maxBytes: positive.default(DEFAULTS.journal.maxBytes),
    })
    .prefault({}),
  lease: z.strictObject({ ttl: ttl.prefault(DEFAULTS.lease.ttl) }).prefault({}),
  supervisor: z
    .strictObject({
      strategy: z.enum(['one-for-one', 'one-for-all', 'rest-for-one']).default(DEFAULTS.supervisor.strategy),
      intensity: z.int().min(0).default(DEFAULTS.supervisor.intensity),
      period: milliseconds.default(DEFAULTS.supervisor.period),
      backoff: z
        .strictObject({
          min: milliseconds.default(DEFAULTS.supervisor.backoff.min),
          max: milliseconds.default(DEFAULTS.supervisor.backoff.max),
        })
        .prefault({}),
    })
    .prefault({}),
  drain: milliseconds.default(DEFAULTS.drain),
  http: z
    .strictObject({
      host: z.string().min(1).default(DEFAULTS.http.host),
      port: z.int().min(0).max(65_535).default(DEFAULTS.http.port),
      token: z.string().min(16, 'expected a token of at least 16 characters').optional(),
      bodyLimit: positive.default(DEFAULTS.http.bodyLimit),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z
        .enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'])
        .default(DEFAULTS.log.level),
    })
    .prefault({}),
});

/** What a user may write. */
export type OptionsInput = z.input<typeof optionsSchema>;
/** What the system works with: every default filled in, every TTL in milliseconds. */
export type Options = z.output<typeof optionsSchema>;
