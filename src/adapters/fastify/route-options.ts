import type { FastifyRequest } from 'fastify';
import { UnderstudyError } from '../../runtime/errors.ts';
import { checkNames } from '../../system/call-options.ts';
import { type Ttl, ttlMilliseconds } from '../../wire/ttl.ts';

/** Methods whose replies can be cached. */
type CachedMethodName = 'GET' | 'HEAD';

/** What a route says of its cache: `config: { cache: { ttl: '1m' } }`. */
export interface RouteCacheConfig {
  /**
   * How long a reply lives which does not say so itself by Cache-Control or Expires: milliseconds or a string like `'5m'`.
   */
  readonly ttl: Ttl;
  /** What is asked for, in place of the host and the URL; the keys of what is purged begin so. */
  readonly key?: (request: FastifyRequest) => string;
  /** Fields of the request on which replies depend. A reply that names others in Vary is not stored. Default: none. */
  readonly vary?: readonly string[];
  /** Default: GET and HEAD. */
  readonly methods?: readonly CachedMethodName[];
}

/** The same, checked. */
export interface ResolvedRoute {
  /** Milliseconds. */
  readonly ttl: number;
  readonly key: ((request: FastifyRequest) => string) | undefined;
  /** In lower case. */
  readonly vary: readonly string[];
  readonly methods: readonly string[];
}

const KNOWN: readonly string[] = ['ttl', 'key', 'vary', 'methods'];
/** Whose replies can be cached. */
export const METHODS: readonly string[] = ['GET', 'HEAD'];
const FIELD = /^[!#$%&'*+.^_`|~\w-]+$/;

/** Throws INVALID_OPTION and INVALID_TTL. */
export function resolveRoute(config: RouteCacheConfig): ResolvedRoute {
  checkNames(config, KNOWN);
  const { ttl, key, vary = [], methods = METHODS } = config;
  if (key !== undefined && typeof key !== 'function') throw refused('key', 'a function', key);
  if (!Array.isArray(vary) || !vary.every((name) => typeof name === 'string' && FIELD.test(name)))
    throw refused('vary', 'names of header fields', vary);
  if (!Array.isArray(methods) || !methods.every((name) => METHODS.includes(name)))
    throw refused('methods', METHODS.join(' and '), methods);
  return { ttl: ttlMilliseconds(ttl), key, vary: vary.map((name) => name.toLowerCase()), methods };
}

function refused(option: string, expected: string, given: unknown): UnderstudyError {
  const type = Array.isArray(given) ? `[${given.map(String).join(', ')}]` : `a value of type ${typeof given}`;
  return new UnderstudyError('INVALID_OPTION', `cache.${option}: expected ${expected}, got ${type}`);
}
