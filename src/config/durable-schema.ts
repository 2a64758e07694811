import { z } from 'zod';
import { annotations } from './annotations.ts';
import { DEFAULTS } from './defaults.ts';
import { isObject } from './redis-schema.ts';
import { milliseconds, ttl, within } from './scalars.ts';

/** What is wrong with the address of a Postgres; undefined for a good one. Never repeats a part of it. */
export function postgresUrlProblem(text: string): string | undefined {
  const url = URL.parse(text);
  return url !== null && /^postgres(ql)?:$/.test(url.protocol)
    ? undefined
    : 'expected postgres://[user:password@]host[:port]/database';
}

const url = z.string().check((payload) => {
  const message = postgresUrlProblem(payload.value);
  if (message !== undefined) payload.issues.push({ code: 'custom', message, input: payload.value });
});

const kept = z.strictObject({
  ttl: ttl.prefault(DEFAULTS.durable.values.ttl),
  timeout: milliseconds.default(DEFAULTS.durable.values.timeout),
  prune: z
    .strictObject({
      every: ttl.prefault(DEFAULTS.durable.values.prune.every),
      batch: within(1, 100_000).default(DEFAULTS.durable.values.prune.batch),
    })
    .prefault({}),
});

/** Values that it keeps as well: with `true` as the defaults say, or as the object does. Undefined where it keeps none. */
const values = z
  .union([z.boolean(), kept])
  .transform((given) => {
    if (given === false) return undefined;
    return given === true ? kept.parse({}) : given;
  })
  .register(annotations, {
    expected:
      'true, false, or { ttl, timeout, prune: { every, batch } }; as a variable true, false, or that object as JSON',
    fromText: (text) => {
      try {
        return JSON.parse(text);
      } catch {
        return text;
      }
    },
  });

/** What outlives the process: the journal, and values where they are wanted. */
export const durableSchema = z
  .strictObject({
    url: url.register(annotations, { expected: 'a postgres:// URL' }).optional(),
    directory: z.string().min(1).optional(),
    timeout: milliseconds.default(DEFAULTS.durable.timeout),
    values: values.prefault(DEFAULTS.durable.values.enabled),
  })
  .refine(({ url, directory }) => (url === undefined) !== (directory === undefined), {
    message: 'expected exactly one of url, directory',
    when: isObject,
  });
