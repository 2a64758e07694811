import type { FastifyRequest } from 'fastify';
import { UnderstudyError } from '../../runtime/errors.ts';
import { canonicalHash } from '../../wire/canonical.ts';
import type { ResolvedRoute } from './route-options.ts';

/** So many characters of what is asked for can be purged by. The rest counts in the hash. */
const READABLE = 256;

/**
 * The key of a reply: what is asked for, for purging, and the hash of all that tells it from others. Those to requests with
 * credentials are kept apart from those to requests without.
 */
export function routeKey(
  prefix: string,
  route: ResolvedRoute,
  request: FastifyRequest,
  method: string,
): string {
  const { headers, url, host, protocol } = request;
  const asked = route.key === undefined ? url : checked(route.key(request));
  // Whoever names what is asked for says whether the host is part of it.
  const origin = route.key === undefined ? `${protocol}://${host}` : null;
  const vary = route.vary.map((name) => [name, headers[name] ?? null]);
  const authorized = headers.authorization !== undefined;
  return `${prefix}${asked.slice(0, READABLE).toWellFormed()}~${canonicalHash({ method, origin, asked, vary, authorized })}`;
}

function checked(asked: unknown): string {
  if (typeof asked === 'string' && asked !== '') return asked;
  const given = asked === '' ? 'an empty string' : `a value of type ${typeof asked}`;
  throw new UnderstudyError(
    'INVALID_CONFIG',
    `cache.key: expected the function to return text, got ${given}`,
  );
}
