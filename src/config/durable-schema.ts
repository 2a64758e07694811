import { z } from 'zod';
import { annotations } from './annotations.ts';
import { DEFAULTS } from './defaults.ts';
import { isObject } from './redis-schema.ts';
import { milliseconds } from './scalars.ts';

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

/** Where the journal outlives the process. */
export const durableSchema = z
  .strictObject({
    url: url.register(annotations, { expected: 'a postgres:// URL' }).optional(),
    directory: z.string().min(1).optional(),
    timeout: milliseconds.default(DEFAULTS.durable.timeout),
  })
  .refine(({ url, directory }) => (url === undefined) !== (directory === undefined), {
    message: 'expected exactly one of url, directory',
    when: isObject,
  });
