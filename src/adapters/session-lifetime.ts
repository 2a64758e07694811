import type { SessionData } from 'express-session';
import { MAX_TTL } from '../wire/ttl.ts';

/** Milliseconds that a session has left by its cookie, 0 or less when it has ended; `fallback` when the cookie does not say. */
export function sessionLifetime({ cookie }: SessionData, fallback: number): number {
  // Of a session that came out of JSON it is text; Date() takes both.
  const { expires, maxAge }: { expires?: unknown; maxAge?: unknown } = cookie ?? {};
  const left = leftUntil(expires) ?? (typeof maxAge === 'number' ? maxAge : Number.NaN);
  return Number.isNaN(left) ? fallback : Math.min(Math.ceil(left), MAX_TTL);
}

function leftUntil(expires: unknown): number | undefined {
  if (!(expires instanceof Date) && typeof expires !== 'string') return undefined;
  return new Date(expires).getTime() - Date.now();
}
