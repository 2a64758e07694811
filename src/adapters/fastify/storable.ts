import { MAX_TTL } from '../../wire/ttl.ts';
import { directivesOf, secondsOf } from './cache-control.ts';
import { type Headers, lineOf } from './headers.ts';

/** A reply, and what of its request matters to whether it may be stored. */
export interface Candidate {
  readonly status: number;
  /** As they are sent. */
  readonly headers: Headers;
  /** The fields of the request on which the content depends. */
  readonly vary: readonly string[];
  /** The request had the Authorization field. */
  readonly authorized: boolean;
}

export interface Lifetimes {
  /** Fields of the request that are part of the key. */
  readonly vary: readonly string[];
  /** Milliseconds that a reply lives which says nothing of it. */
  readonly ttl: number;
}

/** Why a reply is not stored. */
export type Refusal =
  | 'no-store'
  | 'private'
  | 'no-cache'
  | 'authorization'
  | 'vary'
  | 'set-cookie'
  | 'status'
  | 'expired';

export type Verdict = { readonly ttl: number } | { readonly refused: Refusal };

/** What may be stored without saying for how long (RFC 9110, 15.1), but parts. */
const BY_DEFAULT = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501]);

/** Whether a shared cache may store a reply, and for how many milliseconds (RFC 9111, 3 and 4.2). `now`: since the epoch. */
export function judge(candidate: Candidate, lifetimes: Lifetimes, now: number): Verdict {
  const { status, headers, vary, authorized } = candidate;
  const directives = directivesOf(lineOf(headers, 'cache-control'));
  for (const refused of ['no-store', 'private', 'no-cache'] as const) {
    if (directives.has(refused)) return { refused };
  }
  const shared = ['public', 's-maxage', 'must-revalidate'].some((name) => directives.has(name));
  if (authorized && !shared) return { refused: 'authorization' };
  if (vary.some((name) => !lifetimes.vary.includes(name))) return { refused: 'vary' };
  // Not forbidden, but whoever is given the reply of another must not be given the other's cookie.
  if ('set-cookie' in headers) return { refused: 'set-cookie' };

  const lifetime = explicitLifetime(headers, now);
  const final = status >= 200 && status !== 206 && status !== 304;
  if (!final || (lifetime === undefined && !BY_DEFAULT.has(status))) return { refused: 'status' };
  const ttl = lifetime === undefined ? lifetimes.ttl : lifetime - ageOf(headers) * 1_000;
  return ttl > 0 ? { ttl: Math.min(Math.ceil(ttl), MAX_TTL) } : { refused: 'expired' };
}

/** Seconds since another cache, from which the reply came, got it. */
export function ageOf(headers: Headers): number {
  const age = lineOf(headers, 'age') ?? '';
  return /^\d+$/.test(age) ? Number(age) : 0;
}

/** Milliseconds that the reply itself says it is fresh for. */
function explicitLifetime(headers: Headers, now: number): number | undefined {
  const directives = directivesOf(lineOf(headers, 'cache-control'));
  const seconds = secondsOf(directives, 's-maxage') ?? secondsOf(directives, 'max-age');
  if (seconds !== undefined) return seconds * 1_000;
  const expires = lineOf(headers, 'expires');
  if (expires === undefined) return undefined;
  // A date that is none, such as 0, has passed.
  const left = Date.parse(expires) - (Date.parse(lineOf(headers, 'date') ?? '') || now);
  return Number.isNaN(left) ? 0 : left;
}
