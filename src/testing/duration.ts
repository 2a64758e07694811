import { UnderstudyError } from '../runtime/errors.ts';
import { type Ttl, ttlMilliseconds } from '../wire/ttl.ts';

/** The milliseconds of a span of time, 0 among them. Throws INVALID_TTL, naming what it is for. */
export function durationOf(name: string, given: Ttl): number {
  if (given === 0) return 0;
  try {
    return ttlMilliseconds(given);
  } catch (cause) {
    throw misnamed(name, cause);
  }
}

function misnamed(name: string, cause: unknown): unknown {
  if (!(cause instanceof UnderstudyError)) return cause;
  return new UnderstudyError(cause.code, cause.message.replace(/^ttl/, name), { cause });
}
