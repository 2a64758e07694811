import type { MessageOf, Protocol } from '../../src/runtime/protocol.ts';
import type { TierName } from '../../src/tiers/tier.ts';
import type { Ttl } from '../../src/wire/ttl.ts';

/** Where an answer comes from. */
export interface Provenance {
  readonly tier: TierName;
  /** True when Redis should have answered and could not. */
  readonly degraded: boolean;
}

export interface Found extends Provenance {
  readonly found: true;
  readonly value: unknown;
  /** True when the value is past its time to be fresh. */
  readonly stale: boolean;
  /** Where it was asked for, and is known. */
  readonly timing?: Timing;
}

export interface NotFound extends Provenance {
  readonly found: false;
}

/** What a change answers: it is accepted, and this is how safe it is. */
export interface Accepted extends Provenance {
  /**
   * True once it outlives this process: Redis, and as many replicas as `wait` asked for, have confirmed it, or the store
   * of the journal has.
   */
  readonly durable: boolean;
  /** Orders this change against all others. */
  readonly version: string;
  /** Replicas that had confirmed it by then. Only where `wait` asked for some. */
  readonly replicas?: number;
}

/** Replicas that must have confirmed a change for its answer to be `durable: true`: 0 (the default) to 64. */
type Wait = number;

/** By which a value can be invalidated together with others: at most 64 texts of at most 256 characters. */
export type Tags = readonly string[];

/** What is kept of a value past its time to be fresh. */
export interface Stale {
  readonly value: unknown;
  /** What its source called it. */
  readonly etag?: string | undefined;
  /** When its source said that it changed, milliseconds since the epoch. */
  readonly modified?: number | undefined;
}

/** A lease to load one key, granted to exactly one asker at a time. */
export interface Leased extends NotFound {
  readonly lease: string;
  /** Milliseconds until the lease lapses and another asker is given one. */
  readonly leaseFor: number;
  /** What is there, and is to be loaded anew. */
  readonly stale?: Stale;
}

/** How old a value is. Milliseconds; times since the epoch, by the clock of Redis. */
export interface Timing {
  readonly now: number;
  readonly created: number;
  readonly fresh: number;
  /** What it took to load; 0 where that is not known. */
  readonly took: number;
}

/**
 * What an asker does with a value that is past its time to be fresh: `never` takes it; takes it as a `fallback`, when the load
 * fails or takes longer than the asker waits; or takes it `now`, unless it is the one to load.
 */
export type StaleUse = 'never' | 'fallback' | 'now';

/**
 * Another asker has the lease: it is loading, or about to. `cache.acquire` waits for what it loads. `tier` tells whether it is
 * one of this process (`memory`) or of another (`redis`).
 */
export interface Held extends NotFound {
  readonly held: true;
}

export interface Entry {
  readonly key: string;
  readonly value: unknown;
  readonly ttl?: Ttl | undefined;
  readonly grace?: Ttl | undefined;
  readonly tags?: Tags | undefined;
}

interface TierStats {
  readonly hits: number;
  readonly misses: number;
}

/** Reads of the keys of a namespace. */
export interface NamespaceStats extends TierStats {
  /** By the tier that answered. */
  readonly tiers: Readonly<Record<string, TierStats>>;
}

export interface CacheStats {
  readonly hits: number;
  readonly misses: number;
  /**
   * By the tier that answered. `postgres` only where the durable tier keeps values; its misses are looks in vain there, and count
   * as misses of the tier before it as well.
   */
  readonly tiers: Readonly<Record<'memory' | 'redis', TierStats>> & { readonly postgres?: TierStats };
  readonly memory: { readonly entries: number; readonly bytes: number; readonly evictions: number };
  readonly journal: {
    readonly entries: number;
    readonly bytes: number;
    readonly replayed: number;
    readonly superseded: number;
    readonly refused: number;
    /** Times that deletions found no room, and gave way to one invalidation of everything. */
    readonly collapsed: number;
    /** Of the entries, those that Redis refuses although it is well. */
    readonly aside: number;
    /** Where it is kept beside this process. `behind`: changes that are not there yet. */
    readonly store: {
      readonly kind: 'memory' | 'postgres' | 'pglite';
      readonly up: boolean;
      readonly behind: number;
      /** Why it is not up. */
      readonly reason: string;
    };
  };
  /** Only where the durable tier keeps values. */
  readonly archive?: {
    readonly kind: 'postgres' | 'pglite';
    readonly up: boolean;
    /** Changes that are not there yet, and their estimated bytes. */
    readonly behind: number;
    readonly bytes: number;
    /** Values that found no room among those: what is there of them is not answered any more. */
    readonly dropped: number;
    /** Times that all of those found no room, and gave way to one invalidation of everything that is there. */
    readonly collapsed: number;
    /** Changes that it cannot hold. */
    readonly refused: number;
    /** Rows that were over, and were deleted by this process. */
    readonly pruned: number;
  };
  /** By name. Only where namespaces are declared. */
  readonly namespaces?: Readonly<Record<string, NamespaceStats>>;
  readonly leases: number;
  /** Operations that wait for Redis. */
  readonly waiting: number;
  /** Keys asked for most, the most first. Only where `hotKeys.size` is configured, as the next. */
  readonly hotKeys?: readonly HotKey[];
  /** Keys of the longest values seen, the longest first. */
  readonly largeKeys?: readonly LargeKey[];
}

export interface HotKey {
  readonly key: string;
  /** Times it was asked for: at most so many, and at least `error` fewer. */
  readonly count: number;
  readonly error: number;
}

export interface LargeKey {
  readonly key: string;
  /** Characters of what is stored at it. */
  readonly length: number;
}

/** What the cache actor understands. */
export type CacheProtocol = Protocol<{
  'cache.get': { request: { key: string }; reply: unknown };
  'cache.find': { request: { key: string }; reply: Found | NotFound };
  'cache.has': { request: { key: string }; reply: boolean };
  /** Replies with the pairs that were found, in the order asked for. */
  'cache.getMany': { request: { keys: readonly string[] }; reply: readonly (readonly [string, unknown])[] };
  'cache.set': {
    request: {
      key: string;
      value: unknown;
      ttl?: Ttl | undefined;
      /** How long it is kept after that, to be answered as stale. Default: not at all. */
      grace?: Ttl | undefined;
      tags?: Tags | undefined;
      wait?: Wait | undefined;
    };
    reply: Accepted;
  };
  'cache.setMany': {
    request: {
      entries: readonly Entry[];
      ttl?: Ttl | undefined;
      grace?: Ttl | undefined;
      /** Of all of them, beside their own. */
      tags?: Tags | undefined;
      wait?: Wait | undefined;
    };
    reply: Accepted;
  };
  'cache.delete': {
    request: { key: string; wait?: Wait | undefined };
    reply: Accepted & { readonly existed: boolean };
  };
  'cache.deleteMany': {
    request: { keys: readonly string[]; wait?: Wait | undefined };
    reply: Accepted & { readonly deleted: number };
  };
  'cache.touch': {
    request: { key: string; ttl?: Ttl | undefined; wait?: Wait | undefined };
    reply: Accepted & { readonly existed: boolean };
  };
  'cache.increment': {
    request: { key: string; by?: number | undefined; ttl?: Ttl | undefined; wait?: Wait | undefined };
    reply: Accepted & { readonly value: number };
  };
  'cache.clear': { request: { prefix?: string | undefined }; reply: Accepted & { readonly cleared: number } };
  /** All values with one of these tags that are older than this are gone, however many there are. */
  'cache.invalidateTags': { request: { tags: Tags; wait?: Wait | undefined }; reply: Accepted };
  /** All values with one of these tags that are older than this are stale: those with grace can still be answered as that. */
  'cache.expireTags': { request: { tags: Tags; wait?: Wait | undefined }; reply: Accepted };
  'cache.keys': {
    request: { prefix?: string | undefined; cursor?: string | undefined; limit?: number | undefined };
    reply: { readonly keys: readonly string[]; readonly cursor: string | undefined } & Provenance;
  };
  /** The value, or the lease to load it, or (when the holder found nothing to load) neither. */
  'cache.acquire': {
    request: {
      key: string;
      /** Default `never`. */
      stale?: StaleUse | undefined;
      /** The lease is wanted although there is a value: to load it anew. Not found: somebody else has it. */
      renew?: boolean | undefined;
      /** How old what is found is, is to be told. */
      timing?: boolean | undefined;
    };
    reply: Found | Leased | NotFound;
  };
  /**
   * For each key the value, or the lease to load it, or word that another asker has that. All that is granted is one load, and
   * with the `lease` of an earlier reply one load with that. Others are waited for only by the `patient`, and by them only
   * while there is nothing for them to load: who holds a lease waits for nobody. When the holder found nothing to load, the
   * answer is plain.
   */
  'cache.acquireMany': {
    request: { keys: readonly string[]; lease?: string | undefined; patient?: boolean | undefined };
    reply: readonly (Found | Leased | Held | NotFound)[];
  };
  /** The loaded value; without one, there is nothing to be cached. Nothing is stored under a lease that is void. */
  'cache.fulfil': {
    request: {
      key: string;
      lease: string;
      value?: unknown;
      ttl?: Ttl | undefined;
      grace?: Ttl | undefined;
      /** Milliseconds that it took to load. */
      took?: number | undefined;
      etag?: string | undefined;
      /** Milliseconds since the epoch. */
      modified?: number | undefined;
      tags?: Tags | undefined;
      /** That there is none is to be remembered, in place of a value. */
      absent?: boolean | undefined;
    };
    reply: Accepted & { readonly stored: boolean };
  };
  /**
   * Gives the lease back. With a reason the waiters fail with it; without, one of them is given the lease. For `backoff`
   * milliseconds nobody here who can use what is stale is given another.
   */
  'cache.abandon': {
    request: { key: string; lease: string; reason?: unknown; backoff?: number | undefined };
    reply: { readonly abandoned: boolean };
  };
  'cache.stats': { request: object; reply: CacheStats };
}>;

export type CacheMessage = MessageOf<CacheProtocol>;

/** What became of some keys that were to be warmed. */
export interface Warmed {
  /** False when callers left no room for it, or Redis did not answer: nothing was done, and it may be asked again. */
  readonly taken: boolean;
  /** Keys that memory, or Redis, has a value of now. */
  readonly warmed: number;
}

/** What the warmer alone asks of the cache. It is done while callers leave room for it, and counted as nobody's request. */
type WarmingProtocol = Protocol<{
  /** Reads keys into memory. */
  'cache.prefetch': { request: { keys: readonly string[] }; reply: Warmed };
  /**
   * Holds on to what memory has of the hottest keys, `limit` at the most, of which this process knew what Redis held at `since`
   * (milliseconds since the epoch) or later: a Redis that is back may be empty, and memory forgets what is not there. Replies
   * with the keys, the hottest first.
   */
  'cache.hold': { request: { since: number; limit: number }; reply: readonly string[] };
  /** Brings what is held of keys to Redis: never over what is there, nor what was deleted or cleared since. */
  'cache.restore': { request: { keys: readonly string[] }; reply: Warmed };
  /** Lets go of what is held. */
  'cache.release': { request: object; reply: undefined };
}>;

export type WarmingMessage = MessageOf<WarmingProtocol>;
