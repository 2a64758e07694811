import type { Entry } from '../../actors/cache/messages.ts';
import type { Ttl } from '../wire/ttl.ts';

/** Entries: pairs, a Map, or entries with a TTL each, which may come as they are wanted. */
export type WarmEntries = Several<readonly [string, unknown] | Entry>;

type Several<T> = Iterable<T> | AsyncIterable<T>;

/** Keys, and what loads the value of each; `undefined` means "there is none". */
export interface WarmKeys {
  readonly keys: Several<string>;
  readonly load: (key: string, context: { readonly signal: AbortSignal }) => unknown;
}

/** Options of `warm`. */
export interface WarmOptions {
  /** Entries under way at once. Default: 32. */
  readonly concurrency?: number;
  /** Entries that begin in a second, at most; `Infinity` for as fast as it goes. Default: 1000. */
  readonly rate?: number;
  /** How long those live that have no TTL of their own. Default: the system's `ttl`, one hour. */
  readonly ttl?: Ttl;
  /** Called after each entry. What it throws ends the warming. */
  readonly onProgress?: (progress: WarmProgress) => void;
  /** Ends the warming: no further entry begins, those under way are finished, and the report says so. */
  readonly signal?: AbortSignal;
}

/** How far a warming has come. */
export interface WarmProgress {
  /** Entries that are finished with. */
  readonly done: number;
  /** How many there are, where it is known beforehand. */
  readonly total: number | undefined;
  readonly errors: number;
}

/** What came of a warming. `done` is the sum of `stored`, `present`, `none`, `overtaken` and `errors`. */
export interface WarmReport extends WarmProgress {
  readonly stored: number;
  /** They had a value, or somebody else was about to load one. */
  readonly present: number;
  /** There was nothing to load. */
  readonly none: number;
  /** They were written or deleted meanwhile: what was to be stored is not. */
  readonly overtaken: number;
  /** The first 16 of the errors. */
  readonly failures: readonly { readonly key: string; readonly error: unknown }[];
  /** Whether the signal ended it. */
  readonly aborted: boolean;
}
