import type { Found } from '../../actors/cache/messages.ts';
import type { Ttl } from '../wire/ttl.ts';

/** Options of one call. */
export interface CallOptions {
  /** Milliseconds within which the call is answered. Default: the system's `deadline`, 500. */
  readonly deadline?: number;
}

/** Options of one change. */
export interface ChangeOptions extends CallOptions {
  /**
   * Replicas of Redis, 0 to 64, that must have confirmed the change for its answer to be `durable: true`. With fewer it
   * is accepted all the same, and answered `durable: false` with how many there were. Default: 0.
   */
  readonly wait?: number;
}

/** Options of one write. */
export interface WriteOptions extends ChangeOptions {
  /** How long the value lives: milliseconds or a string like `'5m'`. Default: the system's `ttl`, one hour. */
  readonly ttl?: Ttl;
}

/** Options of `set`. */
export interface SetOptions extends WriteOptions {
  /** How long the value is kept after its `ttl`, to be answered as stale by `find` and `getOrSet`. Default: not at all. */
  readonly grace?: Ttl;
  /** By which it can be invalidated together with others: at most 64 texts of at most 256 characters. Default: none. */
  readonly tags?: readonly string[];
}

/** {@link Found}, with the type the caller expects. */
export type FoundAs<T> = Omit<Found, 'value'> & { readonly value: T };
