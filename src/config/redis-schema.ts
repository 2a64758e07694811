import type { ConnectionOptions } from 'node:tls';
import { z } from 'zod';
import { annotations } from './annotations.ts';
import { DEFAULTS } from './defaults.ts';
import { redisUrlProblem } from './redis-url.ts';
import { addresses, booleanOf, milliseconds, port, ttl, within } from './scalars.ts';

/** Where Redis may be; exactly one of them is given. */
export const ADDRESSES = ['url', 'host', 'path', 'sentinel', 'cluster'] as const;

const name = z.string().min(1);

const url = z.string().check((payload) => {
  const message = redisUrlProblem(payload.value);
  if (message !== undefined) payload.issues.push({ code: 'custom', message, input: payload.value });
});

/** Files that a variable names; in an object, their content. */
export const TLS_FILES = ['ca', 'cert', 'key'] as const;

const tls = z
  .union([
    z.boolean(),
    z.custom<ConnectionOptions>(
      (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    ),
  ])
  .register(annotations, {
    expected: 'true, false, or (in an object) the TLS options of Node.js',
    fromText: booleanOf,
  });

export const redisSchema = z
  .strictObject({
    url: url.register(annotations, { expected: 'a redis://, rediss:// or unix:// URL' }).optional(),
    host: name.optional(),
    port: port.optional(),
    path: name.optional(),
    sentinel: z.strictObject({ name, nodes: addresses, password: z.string().optional() }).optional(),
    cluster: z.strictObject({ nodes: addresses }).optional(),
    username: name.optional(),
    password: z.string().optional(),
    database: within(0, 1_000_000).optional(),
    tls: tls.optional(),
    connectTimeout: milliseconds.default(DEFAULTS.redis.connectTimeout),
    commandTimeout: milliseconds.default(DEFAULTS.redis.commandTimeout),
    tombstoneTtl: ttl.prefault(DEFAULTS.redis.tombstoneTtl),
    receiptTtl: ttl.prefault(DEFAULTS.redis.receiptTtl),
  })
  .refine((redis) => ADDRESSES.filter((address) => redis[address]).length === 1, {
    message: `expected exactly one of ${ADDRESSES.join(', ')}`,
    when: isObject,
  })
  .refine((redis) => !(redis.cluster && redis.database), {
    path: ['database'],
    message: 'expected none, as a Cluster has no databases',
    when: isObject,
  });

/** Rules between options are checked also where single options are wrong, so that all problems are told at once. */
export function isObject(payload: { readonly value: unknown }): boolean {
  return typeof payload.value === 'object' && payload.value !== null;
}
