import type { Cache } from '../system/cache.ts';
import type { Ttl } from '../wire/ttl.ts';
import { keyOfCall } from './cached-key.ts';
import { checkCachedOptions, requireFunction } from './cached-options.ts';
import { namedLike } from './named-like.ts';

/** A function that promises its result, with any parameters. */
export type AsyncFunction = (this: never, ...args: never[]) => Promise<unknown>;

/** Options of {@link cached}. */
export interface CachedOptions<F extends AsyncFunction> {
  /**
   * Keeps the results of this function apart from those of others, in all processes: 1 to 128 characters, none of them a
   * colon. Give it another one when the function comes to mean something else.
   */
  readonly name: string;
  /** What tells one call from another, in place of all the arguments. */
  readonly key?: (this: ThisParameterType<F>, ...args: Parameters<F>) => string;
  /** How long a result lives: milliseconds or a string like `'5m'`. Default: the system's `ttl`, one hour. */
  readonly ttl?: Ttl;
  /** Milliseconds that a call waits, also for a load that another one runs. Default: until the load has ended. */
  readonly deadline?: number;
}

/** What can be done with the cached result of a call. Where `this` matters to the key or the function, use `.call`. */
export interface CachedResults<F extends AsyncFunction> {
  /** The key in the cache. Throws INVALID_KEY for arguments that cannot be told apart. */
  key(...args: Parameters<F>): string;
  /** Forgets the result, and that of a load that is under way. Whether there was one. */
  invalidate(...args: Parameters<F>): Promise<boolean>;
  /** Forgets the result and loads it anew. Who calls meanwhile waits for the same load. */
  refresh(...args: Parameters<F>): ReturnType<F>;
}

/** The function with its own type, and what can be done with its cached results. */
export type Cached<F extends AsyncFunction> = F & CachedResults<F>;

type AnyAsync = (this: unknown, ...args: unknown[]) => Promise<unknown>;

/**
 * The function, run once for equal arguments while its result is cached, however many call it, in all processes that share
 * the Redis. What it rejects with is not cached, nor is `undefined`. A result that comes from the cache has been JSON.
 * Arguments are told apart by their content, whatever the order of their properties; a call whose arguments have none (a
 * function, a symbol, an instance of a class) rejects with INVALID_KEY. Throws INVALID_OPTION and INVALID_TTL.
 */
export function cached<F extends AsyncFunction>(
  understudy: { readonly cache: Cache },
  fn: F,
  options: CachedOptions<F>,
): Cached<F>;
export function cached(
  { cache }: { readonly cache: Cache },
  fn: AnyAsync,
  options: CachedOptions<AnyAsync>,
): Cached<AnyAsync> {
  requireFunction('fn', fn);
  checkCachedOptions(options);
  const { name, key: keyOption, ttl, deadline } = options;
  const limits = { ...(ttl === undefined ? {} : { ttl }), ...(deadline === undefined ? {} : { deadline }) };

  const keyOf = (self: unknown, args: unknown[]): string =>
    `cached:${name}:${keyOfCall(keyOption, self, args)}`;
  const load = (self: unknown, args: unknown[]): Promise<unknown> =>
    cache.getOrSet(keyOf(self, args), () => fn.apply(self, args), limits);

  const wrapped = async function (this: unknown, ...args: unknown[]): Promise<unknown> {
    return load(this, args);
  };
  /** Called as a method of the wrapped function, there is no object whose method that is. */
  const owner = (self: unknown): unknown => (self === wrapped ? undefined : self);

  return Object.assign(namedLike(wrapped, fn), {
    key(this: unknown, ...args: unknown[]): string {
      return keyOf(owner(this), args);
    },
    async invalidate(this: unknown, ...args: unknown[]): Promise<boolean> {
      return cache.delete(keyOf(owner(this), args));
    },
    async refresh(this: unknown, ...args: unknown[]): Promise<unknown> {
      const self = owner(this);
      await cache.delete(keyOf(self, args));
      return load(self, args);
    },
  });
}
