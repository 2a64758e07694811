import { LRUCache } from 'lru-cache';
import { cloneJson } from '../wire/clone.ts';
import type { HybridClock } from '../wire/hybrid-clock.ts';
import { encodeStored, freshOf, readValue, restamped, UNREADABLE, versionOf } from '../wire/stored.ts';
import {
  DONE,
  NOT_A_NUMBER,
  type Outcome,
  type ScanPage,
  SUPERSEDED,
  type Tier,
  type Write,
} from './tier.ts';

/**
 * What a hit hands out. `copy`: a value of the caller's own, as Redis would. `shared`: the same object for all hits, a
 * little faster, and to be treated as read-only.
 */
export type Isolation = 'copy' | 'shared';

export interface MemoryTierOptions {
  readonly maxEntries: number;
  /** Bytes of keys and stored texts, estimated at two bytes a character plus {@link OVERHEAD}. */
  readonly maxBytes: number;
  readonly isolation: Isolation;
  /** Milliseconds a value that somebody else wrote, which does not say how long it is fresh, may be answered. */
  readonly foreignTtl: number;
}

/** Rough bytes of an entry beside its texts. */
const OVERHEAD = 160;

const UNDECODED: unique symbol = Symbol('undecoded');

/** One kept text. The value is decoded when it is first asked for. */
class MemoryEntry {
  readonly stored: string;
  /** Until when it may be answered if the stored text does not say. */
  readonly #limit: number;
  #expiresAt = 0;
  value: unknown = UNDECODED;

  constructor(stored: string, limit: number) {
    this.stored = stored;
    this.#limit = limit;
  }

  /** Read from the text when it is first needed, since most of what is kept is never asked for. */
  get expiresAt(): number {
    if (this.#expiresAt === 0) this.#expiresAt = freshOf(this.stored) ?? this.#limit;
    return this.#expiresAt;
  }
}

/** The understudy: an LRU of stored texts in this process. Synchronous, so that a hit is answered in the same turn. */
export class MemoryTier implements Tier {
  readonly name = 'memory';
  readonly #options: MemoryTierOptions;
  readonly #time: HybridClock;
  readonly #entries: LRUCache<string, MemoryEntry>;
  readonly #tombstones: LRUCache<string, string>;
  readonly #shared: boolean;
  /** Entries pushed out by newer ones. */
  evictions = 0;

  constructor(options: MemoryTierOptions, time: HybridClock) {
    this.#options = options;
    this.#time = time;
    this.#shared = options.isolation === 'shared';
    this.#entries = new LRUCache({
      max: options.maxEntries,
      maxSize: options.maxBytes,
      sizeCalculation: (entry, key) => OVERHEAD + 2 * (entry.stored.length + key.length),
      dispose: (_entry, _key, reason) => {
        if (reason === 'evict') this.evictions++;
      },
    });
    this.#tombstones = new LRUCache({ max: options.maxEntries });
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#entries.calculatedSize;
  }

  /** The value of a key that is fresh at `now`, or {@link UNREADABLE} where there is none. */
  find(key: string, now: number): unknown {
    const entry = this.#entries.get(key);
    if (entry === undefined) return UNREADABLE;
    if (entry.expiresAt <= now) {
      this.#entries.delete(key);
      return UNREADABLE;
    }
    return this.#valueOf(entry);
  }

  /** The stored text of a key that is fresh at `now`. */
  stored(key: string, now: number): string | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.expiresAt > now ? entry.stored : undefined;
  }

  /**
   * Keeps the text that a slower tier answered and tells its value, or {@link UNREADABLE}. A hot key is mostly answered
   * with the text that is kept already: then nothing is replaced, and nothing is parsed again.
   */
  refresh(key: string, stored: string, now: number): unknown {
    const entry = this.#entries.get(key);
    if (entry !== undefined && entry.stored === stored) return this.#valueOf(entry);
    this.keep(key, stored, now);
    return readValue(stored);
  }

  /** Keeps what a slower tier accepted. */
  keep(key: string, stored: string, now: number): void {
    this.#entries.set(key, new MemoryEntry(stored, now + this.#options.foreignTtl));
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }

  /** Forgets every key with this prefix; tells how many there were. */
  clear(prefix: string): number {
    if (prefix === '') {
      const all = this.#entries.size;
      this.#entries.clear();
      return all;
    }
    let cleared = 0;
    for (const key of [...this.#entries.keys()]) {
      if (key.startsWith(prefix) && this.#entries.delete(key)) cleared++;
    }
    return cleared;
  }

  #valueOf(entry: MemoryEntry): unknown {
    if (entry.value === UNDECODED) entry.value = readValue(entry.stored);
    return this.#shared ? entry.value : cloneJson(entry.value);
  }

  read(keys: readonly string[]): readonly (string | null)[] {
    const now = this.#time.now();
    return keys.map((key) => this.stored(key, now) ?? null);
  }

  write(writes: readonly Write[]): readonly Outcome[] {
    return writes.map((write) => this.apply(write));
  }

  replay(writes: readonly Write[]): readonly Outcome[] {
    return writes.map((write) => this.applyLate(write));
  }

  /** Applies one change, unless something newer of the same key is known. */
  applyLate(write: Write): Outcome {
    const current = versionOf(this.#entries.peek(write.key)?.stored ?? '');
    const buried = this.#tombstones.peek(write.key) ?? '';
    const newest = write.op === 'increment' ? buried : buried > current ? buried : current;
    return newest > write.version ? SUPERSEDED : this.apply(write);
  }

  /** Applies one change, by the same rules as the scripts in Redis. */
  apply(write: Write): Outcome {
    const now = this.#time.now();
    const { key } = write;
    switch (write.op) {
      case 'set':
        this.#entries.set(key, new MemoryEntry(write.stored, now + write.ttl));
        return DONE;
      case 'delete': {
        const existed = this.stored(key, now) !== undefined;
        this.#tombstones.set(key, write.version);
        this.#entries.delete(key);
        return { status: 'done', existed };
      }
      case 'touch': {
        const stored = this.stored(key, now);
        if (stored === undefined) return { status: 'done', existed: false };
        const next = restamped(stored, write.version, write.fresh);
        this.#entries.set(key, new MemoryEntry(next, write.fresh));
        return { status: 'done', existed: true };
      }
      case 'increment': {
        const stored = this.stored(key, now);
        const base = stored === undefined ? 0 : readValue(stored);
        const sum = typeof base === 'number' ? base + write.by : Number.NaN;
        if (!Number.isSafeInteger(sum)) return NOT_A_NUMBER;
        const fresh = stored === undefined ? write.fresh : (freshOf(stored) ?? write.fresh);
        this.#entries.set(key, new MemoryEntry(encodeStored(write.version, now, fresh, String(sum)), fresh));
        return { status: 'done', value: sum };
      }
    }
  }

  /** The cursor is the number of keys already seen; keys that come or go meanwhile may be missed, as with SCAN. */
  scan(prefix: string, cursor: string | undefined, count: number): ScanPage {
    const now = this.#time.now();
    const from = Number(cursor ?? 0);
    const keys: string[] = [];
    let at = 0;
    for (const [key, entry] of this.#entries.entries()) {
      if (at++ < from) continue;
      if (key.startsWith(prefix) && entry.expiresAt > now) keys.push(key);
      if (at - from >= count) return { keys, cursor: String(at) };
    }
    return { keys, cursor: undefined };
  }
}
