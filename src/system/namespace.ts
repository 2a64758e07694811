import type { Entry, NotFound } from '../../actors/cache/messages.ts';
import type { StandardSchema } from '../wire/standard-schema.ts';
import type { BulkLoader, BulkLoadOptions } from './bulk-loader.ts';
import type { Cache, CallOptions, FoundAs, SetOptions } from './cache.ts';
import type { Loader } from './load-context.ts';
import type { LoadOptions } from './load-options.ts';
import type { Scan, ScanOptions } from './scan.ts';

/** Namespaces as they are declared: by name. */
export type Declared = Readonly<Record<string, { readonly schema?: StandardSchema | undefined }>>;

/** What may be written where this is declared. */
export type InputOf<Terms> = Terms extends { readonly schema: StandardSchema<infer Input, unknown> }
  ? Input
  : unknown;
/** What is read there. */
export type OutputOf<Terms> = Terms extends { readonly schema: StandardSchema<never, infer Output> }
  ? Output
  : unknown;

type Untyped = Pick<
  Cache,
  | 'on'
  | 'has'
  | 'delete'
  | 'deleteMany'
  | 'touch'
  | 'increment'
  | 'invalidateTags'
  | 'expireTags'
  | 'clear'
  | 'keys'
  | 'scan'
  | 'warm'
>;

/**
 * The keys that begin with the name of a namespace, without that: what holds for them is in the options. Where these give a
 * schema, `Input` is what may be written and `Output` what is read.
 */
export interface Namespace<Input = unknown, Output = unknown> extends Untyped {
  get(key: string, options?: CallOptions): Promise<Output | undefined>;
  find(key: string, options?: CallOptions): Promise<FoundAs<Output> | NotFound>;
  getMany(keys: readonly string[], options?: CallOptions): Promise<Map<string, Output>>;
  /** Rejects with INVALID_VALUE for what does not fit the schema. */
  set(key: string, value: Input, options?: SetOptions): ReturnType<Cache['set']>;
  /** Rejects with INVALID_VALUE, and stores none, if one does not fit the schema. */
  setMany(
    entries: Iterable<readonly [string, Input] | EntryOf<Input>>,
    options?: SetOptions,
  ): ReturnType<Cache['setMany']>;
  /** Rejects with INVALID_VALUE where what is loaded does not fit the schema. */
  getOrSet(key: string, load: Loader<Input>, options?: LoadOptions): Promise<Output>;
  getOrSetMany(
    keys: readonly string[],
    load: BulkLoader<Input>,
    options?: BulkLoadOptions<Input>,
  ): Promise<Map<string, Output>>;
  entries(prefix?: string, options?: ScanOptions): Scan<[key: string, value: Output]>;
  for(context: object): Namespace<Input, Output>;
}

interface EntryOf<Value> extends Entry {
  readonly value: Value;
}
