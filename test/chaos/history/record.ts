import type { CacheStats } from '../../../actors/cache/messages.ts';
import type { BreakerState } from '../../../src/runtime/events.ts';

/** What a process asks of its cache. Values are unique, so that what is read tells who wrote it. */
export type Call =
  | { readonly op: 'get' | 'find'; readonly key: string }
  | { readonly op: 'getMany'; readonly keys: readonly string[] }
  | { readonly op: 'set'; readonly key: string; readonly value: string }
  | { readonly op: 'setMany'; readonly entries: readonly (readonly [key: string, value: string])[] }
  | { readonly op: 'delete' | 'touch'; readonly key: string }
  | { readonly op: 'increment'; readonly key: string; readonly by: number }
  | { readonly op: 'clear'; readonly prefix: string }
  | { readonly op: 'acquire'; readonly key: string }
  /** `granted`: when the lease under which this was loaded was; what is stored cannot be newer than that. */
  | { readonly op: 'fulfil'; readonly key: string; readonly value: string; readonly granted: number };

/** What it was answered. */
export interface Answer {
  /** Pairs that were read; a key without a value is one with undefined. */
  readonly read?: readonly (readonly [key: string, value: unknown])[];
  readonly tier?: string;
  readonly degraded?: boolean;
  readonly durable?: boolean;
  readonly version?: string;
  /** The sum of an increment. */
  readonly value?: number;
  /** Whether a fulfil stored its value. */
  readonly stored?: boolean;
  /** The code of the error, in place of all that. */
  readonly error?: string;
}

/** One line of the history that a process writes as it goes; a call without its answer was cut short. */
export type HistoryLine =
  | { readonly kind: 'call'; readonly id: number; readonly at: number; readonly call: Call }
  | { readonly kind: 'answer'; readonly id: number; readonly at: number; readonly answer: Answer }
  | { readonly kind: 'breaker'; readonly at: number; readonly state: BreakerState }
  | { readonly kind: 'stats'; readonly at: number; readonly stats: CacheStats }
  | { readonly kind: 'mishap'; readonly at: number; readonly what: string };

/** A call with its interval, as it is in the history of the whole fleet. */
export interface Operation {
  /** `p0.1`: process 0, second incarnation. */
  readonly process: string;
  readonly namespace: string;
  readonly call: Call;
  readonly invoked: number;
  /** Infinity when nobody knows how it ended. */
  readonly returned: number;
  readonly answer: Answer | undefined;
}
