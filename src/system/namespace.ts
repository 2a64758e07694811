import type { Accepted, Entry, NotFound } from '../../actors/cache/messages.ts';
import type { KeyEventName, KeyListener } from '../runtime/key-events.ts';
import type { StandardSchema } from '../wire/standard-schema.ts';
import type { Ttl } from '../wire/ttl.ts';
import type { BulkLoader, BulkLoadOptions } from './bulk-loader.ts';
import type { CallOptions, ChangeOptions, FoundAs, SetOptions, WriteOptions } from './cache-options.ts';
import type { Loader } from './load-context.ts';
import type { LoadOptions } from './load-options.ts';
import type { Scan, ScanOptions } from './scan.ts';
import type { WarmEntries, WarmKeys, WarmOptions, WarmReport } from './warm-options.ts';

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

/** The calls of a cache in which values have no part. */
interface Untyped {
  on<Name extends KeyEventName>(name: Name, listener: KeyListener<Name>): () => void;
  has(key: string, options?: CallOptions): Promise<boolean>;
  delete(key: string, options?: ChangeOptions): Promise<boolean>;
  deleteMany(keys: readonly string[], options?: ChangeOptions): Promise<number>;
  touch(key: string, ttl?: Ttl, options?: ChangeOptions): Promise<boolean>;
  increment(key: string, by?: number, options?: WriteOptions): Promise<number>;
  invalidateTags(tags: string | readonly string[], options?: ChangeOptions): Promise<Accepted>;
  expireTags(tags: string | readonly string[], options?: ChangeOptions): Promise<Accepted>;
  /** Without a prefix it is one small change, however much there is. */
  clear(prefix?: string, options?: CallOptions): Promise<number>;
  keys(prefix?: string, options?: CallOptions): Promise<string[]>;
  scan(prefix?: string, options?: ScanOptions): Scan<string>;
  warm(entries: WarmEntries | WarmKeys, options?: WarmOptions): Promise<WarmReport>;
}

/**
 * The keys that begin with the name of a namespace, without that: what holds for them is in the options. Where these give a
 * schema, `Input` is what may be written and `Output` what is read.
 */
export interface Namespace<Input = unknown, Output = unknown> extends Untyped {
  get(key: string, options?: CallOptions): Promise<Output | undefined>;
  find(key: string, options?: CallOptions): Promise<FoundAs<Output> | NotFound>;
  getMany(keys: readonly string[], options?: CallOptions): Promise<Map<string, Output>>;
  /** Rejects with INVALID_VALUE for what does not fit the schema. */
  set(key: string, value: Input, options?: SetOptions): Promise<Accepted>;
  /** Rejects with INVALID_VALUE, and stores none, if one does not fit the schema. */
  setMany(
    entries: Iterable<readonly [string, Input] | EntryOf<Input>>,
    options?: SetOptions,
  ): Promise<Accepted>;
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
