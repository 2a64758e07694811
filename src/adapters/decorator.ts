import { UnderstudyError } from '../runtime/errors.ts';
import type { Cache } from '../system/cache.ts';
import { canonicalHash } from '../wire/canonical.ts';
import type { Ttl } from '../wire/ttl.ts';
import { type AsyncFunction, type Cached as CachedFunction, type CachedResults, cached } from './cached.ts';
import { keyOfCall } from './cached-key.ts';
import { checkCachedOptions, requireFunction } from './cached-options.ts';
import { namedLike } from './named-like.ts';

/** Options of {@link Cached}. `This` and `Args` are those that the callbacks among them say they take. */
export interface CachedMethodOptions<This, Args extends readonly unknown[]> {
  /** Keeps the results of this method apart from those of others, in all processes: 1 to 128 characters, none a colon. */
  readonly name: string;
  /** What tells one call from another, in place of all the arguments. */
  readonly key?: (this: This, ...args: Args) => string;
  /**
   * What of an instance the results depend on, such as the id of its tenant. Instances of which it tells the same share their
   * results, in all processes. Default: all instances of the class share.
   */
  readonly scope?: (instance: This) => unknown;
  /** How long a result lives: milliseconds or a string like `'5m'`. Default: the system's `ttl`, one hour. */
  readonly ttl?: Ttl;
  /** Milliseconds that a call waits, also for a load that another one runs. Default: until the load has ended. */
  readonly deadline?: number;
}

/** A decorator for methods that return promises, of classes and with parameters that the callbacks of its options take. */
export type CachedMethod<This, Args extends readonly unknown[]> = <
  Self extends This,
  M extends AsyncFunction,
>(
  method: M & (Takes<Args> extends Takes<Parameters<M>> ? unknown : never),
  context: ClassMethodDecoratorContext<Self>,
) => M;

type Takes<Args extends readonly unknown[]> = (...args: Args) => unknown;

interface HasCache {
  readonly cache: Cache;
}
type AnyAsync = (this: object, ...args: unknown[]) => Promise<unknown>;
type AnyKey = (this: object, ...args: unknown[]) => string;

/** The cached function of each decorated method, as an instance uses it. */
const decorated = new WeakMap<object, (instance: object) => CachedFunction<AnyAsync>>();

/**
 * Caches what a method promises, as `cached` does that of a function: `@Cached(understudy, { name: 'catalog.price' })`. Instead
 * of a system, a function may find it in the instance. All instances share their results unless `scope` or `key` tells them
 * apart. This is a standard decorator, none of `experimentalDecorators`. Throws INVALID_OPTION and INVALID_TTL.
 */
export function Cached<This = unknown, Args extends readonly unknown[] = []>(
  understudy: HasCache | ((instance: This) => HasCache),
  options: CachedMethodOptions<This, Args>,
): CachedMethod<This, Args>;
export function Cached(
  understudy: HasCache | ((instance: object) => HasCache),
  options: CachedMethodOptions<object, unknown[]>,
): (method: AnyAsync, context: ClassMethodDecoratorContext) => AnyAsync {
  const { scope, ...rest } = options;
  checkCachedOptions(rest);
  if (scope !== undefined) requireFunction('scope', scope);
  const byScope = scope && { key: keyWithin(scope, rest.key) };
  return (method, context) => {
    requireMethod(context);
    const functions = new WeakMap<HasCache, CachedFunction<AnyAsync>>();
    const usedBy = (instance: object): CachedFunction<AnyAsync> => {
      const system = typeof understudy === 'function' ? understudy(instance) : understudy;
      const known = functions.get(system) ?? cached(system, method, { ...rest, ...byScope });
      functions.set(system, known);
      return known;
    };
    const replacement = async function (this: object, ...args: unknown[]): Promise<unknown> {
      return usedBy(this).apply(this, args);
    };
    decorated.set(replacement, usedBy);
    return namedLike(replacement, method);
  };
}

/** The cached results of a decorated method of an instance. Throws INVALID_OPTION for a method that is not decorated. */
export function resultsOf<T extends object, K extends keyof T>(
  instance: T,
  method: K & (T[K] extends AsyncFunction ? unknown : never),
): CachedResults<T[K] extends AsyncFunction ? T[K] : never>;
export function resultsOf(instance: object, method: PropertyKey): CachedResults<AnyAsync> {
  const found: unknown = Reflect.get(instance, method);
  const usedBy = typeof found === 'function' ? decorated.get(found) : undefined;
  if (usedBy === undefined) {
    throw new UnderstudyError(
      'INVALID_OPTION',
      `method: expected one with the decorator Cached, got ${String(method)}`,
    );
  }
  const { key, invalidate, refresh } = usedBy(instance);
  return { key: key.bind(instance), invalidate: invalidate.bind(instance), refresh: refresh.bind(instance) };
}

/** The scope goes first and has a fixed length, so that what comes after it cannot be taken for a part of it. */
function keyWithin(
  scope: (instance: object) => unknown,
  key: CachedMethodOptions<object, unknown[]>['key'],
): AnyKey {
  return function (this: object, ...args: unknown[]): string {
    return `${canonicalHash(scope(this), 'scope')}.${keyOfCall(key, this, args)}`;
  };
}

/** What was compiled with `experimentalDecorators` calls with a name here. */
function requireMethod(context: unknown): void {
  if (typeof context === 'object' && context !== null && 'kind' in context && context.kind === 'method')
    return;
  throw new UnderstudyError(
    'INVALID_OPTION',
    'Cached: expected to decorate a method, as a standard decorator',
  );
}
