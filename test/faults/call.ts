export type Operation = 'get' | 'set' | 'delete' | 'getOrSet';

/** One call, in milliseconds of the monotonic clock. */
export interface Call {
  readonly operation: Operation;
  /** When an open loop wanted it made: the lag of a busy event loop counts. */
  readonly intended: number;
  /** When it was made. */
  readonly began: number;
  /** NaN until it is answered. */
  ended: number;
  /** Undefined for `getOrSet`, whose answer does not say. */
  tier: string | undefined;
  degraded: boolean | undefined;
  error: unknown;
  /** It found something else than the last accepted change of its key. */
  stale: boolean;
}

export function newCall(operation: Operation, intended: number, began: number): Call {
  return {
    operation,
    intended,
    began,
    ended: Number.NaN,
    tier: undefined,
    degraded: undefined,
    error: undefined,
    stale: false,
  };
}
