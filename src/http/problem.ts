import { type ErrorCode, isUnderstudyError, UnderstudyError } from '../runtime/errors.ts';

/** Body of every error response, after RFC 9457. */
export interface Problem {
  /** `urn:understudy:error:<code>`. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Row of the error table. */
  readonly code: string;
  /** Whether the same request may succeed later, unchanged. */
  readonly retryable: boolean;
  /** What to do about it. */
  readonly advice: string;
  /** Where the log has more: `urn:uuid:<id of the request>`. */
  readonly instance?: string;
}

export const PROBLEM_TYPE = 'application/problem+json';

/** Whose text may quote what an actor or a loader was working on. */
const UNTOLD: ReadonlySet<string> = new Set<ErrorCode>(['INTERNAL', 'ACTOR_UNAVAILABLE']);

/** Never tells a value, a secret, or what a library said. */
export function problemOf(error: unknown, requestId?: string): Problem {
  const known = isUnderstudyError(error)
    ? error
    : new UnderstudyError('INTERNAL', 'unexpected', { cause: error });
  const { code, status, retryable, advice } = known;
  const words = code.toLowerCase().replaceAll('_', ' ');
  return {
    type: `urn:understudy:error:${code}`,
    title: words.charAt(0).toUpperCase() + words.slice(1),
    status,
    detail: UNTOLD.has(code) ? advice : known.message,
    code,
    retryable,
    advice,
    ...(requestId === undefined ? {} : { instance: `urn:uuid:${requestId}` }),
  };
}
