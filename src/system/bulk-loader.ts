import type { Ttl } from '../wire/ttl.ts';

/**
 * Loads many values at once, as pairs or a Map. A key that it leaves out, or gives `undefined`, has no value; one that it was
 * not asked for is an error. `signal` aborts when the caller gives up.
 */
export type BulkLoader<T> = (
  missing: readonly string[],
  context: { readonly signal: AbortSignal },
) => Iterable<readonly [string, T]> | Promise<Iterable<readonly [string, T]>>;

/** Options of `getOrSetMany`. */
export interface BulkLoadOptions<T> {
  /** How long the loaded values live: milliseconds, a string like `'5m'`, or a function that says so of each. Default: the system's `ttl`, one hour. */
  readonly ttl?: Ttl | ((key: string, value: T) => Ttl);
  /** By which the loaded values can be invalidated together with others, or a function that says so of each. Default: none. */
  readonly tags?: readonly string[] | ((key: string, value: T) => readonly string[]);
  /** Milliseconds this caller waits, also for loads that others run. Default: until they have ended. */
  readonly deadline?: number;
  /** Lets this caller give up, with ABORTED; the loader is told by its own signal. */
  readonly signal?: AbortSignal;
}
