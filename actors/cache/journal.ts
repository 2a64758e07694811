import { UnderstudyError } from '../../src/runtime/errors.ts';
import type { Write } from '../../src/tiers/tier.ts';
import type { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { folded } from './fold.ts';

export interface JournalOptions {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** An invalidation of everything with a prefix that is older than `version`. */
export interface Clearing {
  readonly prefix: string;
  readonly version: string;
  /** Redis was there when it was asked for: what stands there now was there before, by whatever clock it was signed. */
  readonly prompt?: boolean;
}

/** Rough bytes of an entry beside its texts. */
const OVERHEAD = 200;

/**
 * Changes that Redis has not confirmed: last write wins per key, so it holds at most one entry a key. It overlays Redis:
 * what stands here is newer than what Redis would answer. Bounded; when it is full a new value is refused, while
 * deletions, which must not be dropped, give way to one invalidation of everything older.
 */
export class Journal {
  readonly #options: JournalOptions;
  readonly #time: HybridClock;
  readonly #entries = new Map<string, Write>();
  #clearings: Clearing[] = [];
  #bytes = 0;
  /** Entries that reached Redis. */
  replayed = 0;
  /** Entries that Redis held something newer for. */
  superseded = 0;
  /** Writes that found it full. */
  refused = 0;

  constructor(options: JournalOptions, time: HybridClock) {
    this.#options = options;
    this.#time = time;
  }

  /** Entries and invalidations that wait. */
  get size(): number {
    return this.#entries.size + this.#clearings.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): Write | undefined {
    return this.#entries.get(key);
  }

  /** Keys with this prefix that a waiting change sets. */
  keys(prefix: string): string[] {
    const keys: string[] = [];
    for (const [key, { op }] of this.#entries) if (op === 'set' && key.startsWith(prefix)) keys.push(key);
    return keys;
  }

  /** Takes a change in. Throws JOURNAL_FULL when a new value finds no room. */
  add(write: Write): void {
    const previous = this.#entries.get(write.key);
    const next = this.#joined(previous, write);
    const size = this.#bytes - sizeOf(previous) + sizeOf(next);
    // Invalidations take room as well.
    const crowded = previous === undefined && this.size >= this.#options.maxEntries;
    if (crowded || size > this.#options.maxBytes) {
      if (next.op === 'delete') this.#collapse(next);
      else this.#refuse();
      return;
    }
    // Re-inserted, so that the order of the map is the order of the last changes.
    this.#entries.delete(write.key);
    this.#entries.set(write.key, next);
    this.#bytes = size;
  }

  /** Takes in the invalidation of a prefix; older entries below it have nothing left to say. */
  addClearing(clearing: Clearing): void {
    for (const [key, write] of this.#entries) {
      if (key.startsWith(clearing.prefix) && write.version < clearing.version) this.#remove(key, write);
    }
    this.#clearings = this.#clearings.filter((other) => !other.prefix.startsWith(clearing.prefix));
    this.#clearings.push(clearing);
    // Invalidations are not refused either: too many give way to one of everything.
    if (this.size > this.#options.maxEntries) this.#clearings = [{ prefix: '', version: clearing.version }];
  }

  /** Whether a value of this version was invalidated and Redis has not been told yet. */
  clears(key: string, version: string): boolean {
    return this.#clearings.some((clearing) => key.startsWith(clearing.prefix) && version < clearing.version);
  }

  /** What must be replayed first: the oldest invalidation. */
  clearing(): Clearing | undefined {
    return this.#clearings[0];
  }

  /** The next changes to replay: deletions before all others, then in order. */
  next(count: number): Write[] {
    const deletes: Write[] = [];
    const others: Write[] = [];
    for (const write of this.#entries.values()) {
      if (write.op === 'delete') deletes.push(write);
      else if (others.length < count) others.push(write);
      if (deletes.length >= count) break;
    }
    return deletes.length > 0 ? deletes : others;
  }

  /** Redis has this change, or something newer. A change of the same key that came meanwhile stays. */
  confirm(write: Write, superseded = false): void {
    const current = this.#entries.get(write.key);
    // A delta that grew while it was on its way: what has arrived must not be added again.
    if (current !== write && current?.op === 'increment' && write.op === 'increment' && !superseded) {
      this.#entries.set(write.key, { ...current, by: current.by - write.by });
    }
    if (current !== write) return;
    this.#remove(write.key, write);
    if (superseded) this.superseded++;
    else this.replayed++;
  }

  confirmClearing(clearing: Clearing): void {
    this.#clearings = this.#clearings.filter((other) => other !== clearing);
    this.replayed++;
  }

  /** Takes the change of a key out, because a newer one is on its way to Redis. */
  take(key: string): Write | undefined {
    const write = this.#entries.get(key);
    if (write !== undefined) this.#remove(key, write);
    return write;
  }

  /** Puts back what was taken out for a change that was then refused. It was accepted once, so it is not refused now. */
  restore(write: Write): void {
    if (this.#entries.has(write.key)) return;
    this.#entries.set(write.key, write);
    this.#bytes += sizeOf(write);
  }

  /** Redis has a change of this version: what is older has nothing left to say. */
  outdate(key: string, version: string): void {
    const write = this.#entries.get(key);
    if (write !== undefined && write.version <= version) this.#remove(key, write);
  }

  /** A change that failed late may be older than what is here already. */
  #joined(present: Write | undefined, write: Write): Write {
    const now = this.#time.now();
    if (present === undefined) return write;
    return present.version > write.version ? folded(write, present, now) : folded(present, write, now);
  }

  #remove(key: string, write: Write): void {
    this.#entries.delete(key);
    this.#bytes -= sizeOf(write);
  }

  #refuse(): never {
    this.refused++;
    const { maxEntries, maxBytes } = this.#options;
    throw new UnderstudyError(
      'JOURNAL_FULL',
      `The journal holds all it may: ${maxEntries} entries or ${maxBytes} bytes`,
    );
  }

  /**
   * No room for a deletion: all deletions become one invalidation of everything older. The values that wait stay, for
   * they are replayed after it.
   */
  #collapse(write: Write): void {
    this.take(write.key);
    for (const [key, entry] of this.#entries) if (entry.op === 'delete') this.#remove(key, entry);
    this.#clearings = [{ prefix: '', version: this.#time.next() }];
  }
}

function sizeOf(write: Write | undefined): number {
  if (write === undefined) return 0;
  return OVERHEAD + 2 * (write.key.length + (write.op === 'set' ? write.stored.length : 0));
}
