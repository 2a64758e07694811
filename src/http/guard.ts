import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback } from '../config/loopback.ts';
import { UnderstudyError } from '../runtime/errors.ts';

/** Throws UNAUTHORIZED for a request that may not be answered. */
export type Guard = (headers: IncomingHttpHeaders) => void;

/**
 * With a token, lets in who sends it. Without one only this machine can connect, but a page in its browser could be
 * given our address under the name of its own site (DNS rebinding); so only names of this machine are accepted.
 */
export function guardBy(token: string | undefined): Guard {
  if (token === undefined) return requireLoopbackName;
  const expected = digest(token);
  return ({ authorization }) => {
    const given = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    // Digests have one length, and take the same time to compare wherever they differ.
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return;
    throw new UnderstudyError('UNAUTHORIZED', 'authorization: expected the configured bearer token');
  };
}

function requireLoopbackName({ host = '' }: IncomingHttpHeaders): void {
  const name = URL.parse(`http://${host}`)?.hostname;
  if (name !== undefined && isLoopback(name)) return;
  throw new UnderstudyError(
    'UNAUTHORIZED',
    'host: expected a name of this machine, as no token is configured',
  );
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
