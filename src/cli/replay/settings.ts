import type { Fault } from './faults.ts';

/** What a replay is to do. */
export interface ReplaySettings {
  readonly file: string;
  /** `private`: a redis-server of its own; `none`: memory alone; else the address of a Redis. */
  readonly redis: 'private' | 'none' | { readonly url: string };
  /** Entries of the memory tier. */
  readonly capacity: number;
  /** Bytes of a value as JSON. */
  readonly valueSize: number;
  /** Lines under way at a time, where there is no `speed`. */
  readonly concurrency: number;
  /** How many times faster than their timestamps the lines begin; undefined goes as fast as it can. */
  readonly speed: number | undefined;
  /** Lines to play at most. */
  readonly limit: number;
  /** Milliseconds. */
  readonly ttl: number;
  readonly faults: readonly Fault[];
  /** Milliseconds that a killed or frozen server stays away. */
  readonly outage: number;
  /** Milliseconds that Redis is given to come back and take what it was owed. */
  readonly patience: number;
}
