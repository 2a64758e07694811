import type { LRUCache } from 'lru-cache';
import { keepShape } from '../runtime/keep-shape.ts';
import { cloneJson } from '../wire/clone.ts';
import { type HybridClock, type Shift, shiftedVersion } from '../wire/hybrid-clock.ts';
import { isMarker } from '../wire/marker.ts';
import { Opening } from '../wire/opening.ts';
import type { Isolation } from '../wire/packing-options.ts';
import {
  boundaryOf,
  expiryOf,
  freshOf,
  isNothing,
  markOf,
  shiftedStored,
  UNREADABLE,
  versionOf,
} from '../wire/stored.ts';
import { Values } from '../wire/values.ts';
import { applied } from './applied.ts';
import { DecodedValues } from './decoded-values.ts';
import { DeferredLru } from './deferred-lru.ts';
import { KeyPages } from './key-pages.ts';
import { type Dependence, Markers, type Verdict } from './markers.ts';
import { DONE, type Outcome, type ScanPage, SUPERSEDED, type Tier, type Write } from './tier.ts';
import { Tombstones } from './tombstones.ts';

export interface MemoryTierOptions {
  readonly maxEntries: number;
  /** Bytes of keys and stored texts, estimated at two bytes a character plus {@link OVERHEAD}. */
  readonly maxBytes: number;
  readonly isolation: Isolation;
  /** Milliseconds a value that somebody else wrote, which does not say how long it is fresh, may be answered. */
  readonly foreignTtl: number;
  /** Told what leaves it. */
  readonly onEvict?: (key: string, reason: 'capacity' | 'expired') => void;
}

/** Rough bytes of an entry beside its texts. */
const OVERHEAD = 160;

const UNDECODED: unique symbol = Symbol('undecoded');

/** One kept text. The value is decoded when it is first asked for. */
class MemoryEntry {
  stored: string;
  /** Until when it may be answered if the stored text does not say. */
  readonly #limit: number;
  #freshUntil = 0;
  #expiresAt = 0;
  value: unknown = UNDECODED;
  /** Whether the value may hold more than JSON can. */
  rich = false;
  /** Whether each hit is a copy of a value that JSON can hold. */
  plain = false;
  /** What it depends on, as the markers of this generation have it; see Markers. */
  depends: Dependence | undefined = undefined;
  generation = 0;
  /** In which it may be answered in place of Redis; see Near. */
  epoch: number;

  constructor(stored: string, limit: number, epoch: number) {
    this.stored = stored;
    this.#limit = limit;
    this.epoch = epoch;
  }

  /**
   * Gives the text memory of its own: one that was cut out of a reply keeps all of the reply alive, one that was put
   * together its pieces.
   */
  setApart(): void {
    // V8 has nothing that says so. Joined it is whole, and what is cut out of that holds one character more.
    this.stored = ` ${this.stored}`.slice(1);
  }

  forgetValue(): void {
    this.value = UNDECODED;
  }

  /** Read from the text when it is first needed, since most of what is kept is never asked for. */
  get freshUntil(): number {
    if (this.#freshUntil === 0) this.#freshUntil = freshOf(this.stored) ?? this.#limit;
    return this.#freshUntil;
  }

  /** Until when it is kept: longer, where there is grace. */
  get expiresAt(): number {
    if (this.#expiresAt === 0) this.#expiresAt = expiryOf(this.stored) ?? this.#limit;
    return this.#expiresAt;
  }
}

/** The understudy: an LRU of stored texts in this process. Synchronous, so that a hit is answered in the same turn. */
export class MemoryTier implements Tier {
  readonly name = 'memory';
  readonly #values: Values;
  readonly #options: MemoryTierOptions;
  readonly #copies: boolean;
  readonly #time: HybridClock;
  /** What of it is invalidated, or expired, by its tags and its namespace. */
  readonly markers: Markers;
  readonly #lru: DeferredLru<MemoryEntry>;
  readonly #tombstones: Tombstones;
  /** Versions of what had to be forgotten, and is elsewhere. */
  readonly #forgotten: Tombstones;
  readonly #decoded: DecodedValues | undefined;
  readonly #pages = new KeyPages();
  #evictions = 0;
  /** Texts below it are of versions that the clock has taken note of. */
  #newest = boundaryOf('');

  constructor(
    options: MemoryTierOptions,
    time: HybridClock,
    values: Values = new Values({ isolation: options.isolation }),
    markers: Markers = new Markers(values.namespaces),
  ) {
    this.#options = options;
    this.markers = markers;
    this.#copies = options.isolation === 'copy';
    this.#time = time;
    this.#values = values;
    this.#lru = new DeferredLru(options.maxEntries, {
      maxSize: options.maxBytes,
      sizeCalculation: (entry, key) => OVERHEAD + 2 * (entry.stored.length + key.length),
      dispose: (_entry, key, reason) => {
        if (reason !== 'evict') return;
        this.#evictions++;
        options.onEvict?.(key, 'capacity');
      },
    });
    this.#tombstones = new Tombstones(options.maxEntries);
    this.#forgotten = new Tombstones(options.maxEntries);
    this.#decoded = DecodedValues.within(options.maxEntries);
  }

  get #entries(): LRUCache<string, MemoryEntry> {
    return this.#lru.entries;
  }

  /** Entries pushed out by newer ones. */
  get evictions(): number {
    return this.#evictions + this.#lru.passedOver;
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
    if (entry.freshUntil > now)
      return this.#verdict(key, entry) === 'good' ? this.#valueOf(key, entry) : UNREADABLE;
    if (entry.expiresAt <= now) this.#expire(key);
    return UNREADABLE;
  }

  /** What its markers say of an entry: nothing of most, and that is found out once. */
  #verdict(key: string, entry: MemoryEntry): Verdict {
    const depends = this.#dependence(key, entry);
    return depends === undefined ? 'good' : depends.verdict(versionOf(entry.stored));
  }

  #dependence(key: string, entry: MemoryEntry): Dependence | undefined {
    const { generation } = this.markers;
    if (entry.generation !== generation) {
      entry.depends = this.markers.dependence(key, entry.stored);
      entry.generation = generation;
    }
    return entry.depends;
  }

  /** The value of a key that is fresh at `now` and was kept in this epoch, or {@link UNREADABLE}. */
  trusted(key: string, now: number, epoch: number): unknown {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.epoch !== epoch) return UNREADABLE;
    if (entry.freshUntil > now) {
      const depends = this.#dependence(key, entry);
      if (depends === undefined) return this.#valueOf(key, entry);
      const trusted = depends.trusted(epoch) && depends.verdict(versionOf(entry.stored)) === 'good';
      return trusted ? this.#valueOf(key, entry) : UNREADABLE;
    }
    if (entry.expiresAt <= now) this.#expire(key);
    return UNREADABLE;
  }

  #expire(key: string): void {
    this.#entries.delete(key);
    this.#options.onEvict?.(key, 'expired');
  }

  /** What is kept of a key is not to be answered in place of Redis any more. */
  revoke(key: string): void {
    if (isMarker(key)) this.markers.revoke(key);
    const entry = this.#entries.peek(key);
    if (entry !== undefined) entry.epoch = 0;
  }

  /** Whether what is kept of a key is not to be answered in place of Redis: it was revoked, say. */
  distrusted(key: string): boolean {
    return this.#entries.peek(key)?.epoch === 0;
  }

  /** Whether what is kept of a key bears this mark. */
  holds(key: string, mark: string): boolean {
    return markOf(this.#entries.peek(key)?.stored ?? '') === mark;
  }

  /** The stored text of a key that has a value, fresh at `now`. */
  stored(key: string, now: number): string | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.freshUntil <= now || isNothing(entry.stored, now)) return undefined;
    return this.#verdict(key, entry) === 'good' ? entry.stored : undefined;
  }

  /** The stored text of a key that may be answered at `now`, if as stale. */
  kept(key: string, now: number): string | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.expiresAt <= now) return undefined;
    return this.#verdict(key, entry) === 'invalidated' ? undefined : entry.stored;
  }

  /**
   * Keeps the text that a slower tier answered and tells its value, or {@link UNREADABLE}. A hot key is mostly answered
   * with the text that is kept already: then nothing is replaced, and nothing is parsed again.
   */
  refresh(key: string, stored: string, now: number, epoch = 0): unknown {
    // What may be answered in place of Redis must be found by the next reader; anything else, by whoever looks.
    const known = epoch === 0 ? this.#lru.glance(key) : this.#entries.get(key);
    if (known !== undefined && known.stored === stored) {
      known.epoch = epoch;
      if (epoch === 0) this.#lru.defer(key, known, 0);
      return this.#valueOf(key, known);
    }
    const entry = this.#entryOf(stored, now, epoch);
    const value = this.#values.read(key, stored);
    // It hands each who waits a value of its own, so whoever comes later may wait there as well.
    if (value instanceof Opening) {
      entry.value = value;
      this.#decoded?.add(entry);
    }
    if (epoch === 0) {
      if (stored > this.#newest) this.#observe(stored);
      this.#lru.defer(key, entry, 2 * stored.length);
    } else this.#enter(key, entry);
    return value;
  }

  /** A slower tier has nothing at this key. */
  absent(key: string): void {
    this.#lru.defer(key, undefined, 0);
  }

  /** The version of the last change of a key that is known here, a deletion included; '' for none. */
  version(key: string): string {
    const current = versionOf(this.#entries.peek(key)?.stored ?? '');
    const buried = this.#tombstones.of(key);
    const there = buried > current ? buried : current;
    const forgotten = this.#forgotten.of(key);
    return forgotten > there ? forgotten : there;
  }

  /** The version of the last deletion of a key here, where nothing came after it; '' for none. */
  buried(key: string): string {
    const buried = this.#tombstones.of(key);
    return buried > versionOf(this.#entries.peek(key)?.stored ?? '') ? buried : '';
  }

  /** Keeps what a slower tier accepted. */
  keep(key: string, stored: string, now: number, epoch = 0): void {
    this.#enter(key, this.#entryOf(stored, now, epoch));
  }

  #enter(key: string, entry: MemoryEntry): void {
    this.#time.observe(versionOf(entry.stored));
    entry.setApart();
    this.#entries.set(key, entry);
  }

  #observe(stored: string): void {
    this.#time.observe(versionOf(stored));
    this.#newest = boundaryOf(this.#time.newest);
  }

  #entryOf(stored: string, now: number, epoch = 0): MemoryEntry {
    return new MemoryEntry(stored, now + this.#options.foreignTtl, epoch);
  }

  /** `known`: the version of what was known of it, so that nothing older is taken in for it. */
  forget(key: string, known = ''): void {
    this.#entries.delete(key);
    if (known !== '') this.#forgotten.add(key, known);
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

  /** The local clock was off: what was signed by it is moved to where it belongs. */
  shift(shift: Shift): void {
    // The least recently used first, so that their order stays.
    for (const [key, { stored }] of [...this.#entries.entries()].reverse()) {
      const moved = shiftedStored(stored, shift);
      if (moved !== stored) this.keep(key, moved, this.#time.now());
    }
    this.#tombstones.change((version) => shiftedVersion(version, shift));
    this.#forgotten.change((version) => shiftedVersion(version, shift));
    this.markers.shift(shift);
  }

  #valueOf(key: string, entry: MemoryEntry): unknown {
    if (entry.value === UNDECODED) {
      entry.value = this.#values.read(key, entry.stored);
      entry.rich = this.#values.rich(key, entry.stored);
      entry.plain = this.#copies && !entry.rich && !(entry.value instanceof Opening);
      this.#decoded?.add(entry);
    }
    return entry.plain ? cloneJson(entry.value) : this.#values.again(entry.value, entry.rich);
  }

  read(keys: readonly string[]): readonly (string | null)[] {
    const now = this.#time.now();
    return keys.map((key) => (isMarker(key) ? this.markers.text(key) : this.kept(key, now)) ?? null);
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
    if (write.op === 'mark') return this.apply(write);
    const buried = this.#tombstones.of(write.key);
    if (write.op === 'increment') {
      // It adds to whatever is there, and must not make that look older than it is.
      return buried > write.version
        ? SUPERSEDED
        : this.apply(current > write.version ? { ...write, version: current } : write);
    }
    if (current > write.version || this.#forgotten.of(write.key) > write.version) return SUPERSEDED;
    if (buried <= write.version) return this.apply(write);
    // What is older than a deletion goes, also where a later deletion of another instance, by its clock, went before.
    if (write.op !== 'delete' || !this.#entries.delete(write.key)) return SUPERSEDED;
    return DONE;
  }

  /** Applies one change. What a set leads to is known whatever was there, so it alone may be trusted in this epoch. */
  apply(write: Write, epoch = 0): Outcome {
    const { key } = write;
    if (write.op === 'mark') {
      this.markers.apply(write);
      return DONE;
    }
    if (write.op === 'set' && epoch === 0) {
      // What we stored says how long it is fresh.
      this.#lru.defer(key, new MemoryEntry(write.stored, 0, 0), 2 * write.stored.length);
      return DONE;
    }
    const now = this.#time.now();
    const { stored, outcome } = applied(write.op === 'set' ? undefined : this.stored(key, now), write, now);
    if (write.op === 'delete') this.#tombstones.add(key, write.version);
    if (stored === undefined) {
      // What is stale stays, though there is nothing to touch.
      if (write.op !== 'touch') this.#entries.delete(key);
    } else if (outcome.status === 'done' || (write.op === 'increment' && write.touched !== undefined)) {
      this.#entries.set(
        key,
        new MemoryEntry(
          stored,
          'fresh' in write ? write.fresh : now + this.#options.foreignTtl,
          write.op === 'set' ? epoch : 0,
        ),
      );
    }
    return outcome;
  }

  /** In the order of the keys, so that a page goes on after the last key of the one before, whatever happened between. */
  scan(prefix: string, cursor: string | undefined, count: number): ScanPage {
    const entries = this.#entries;
    const now = this.#time.now();
    const place = cursor === undefined ? '' : Buffer.from(cursor, 'base64url').toString();
    const isThere = (key: string): boolean => (entries.peek(key)?.expiresAt ?? 0) > now;
    const { keys, after } = this.#pages.page(prefix, place, count, () => entries.keys(), isThere);
    return { keys, cursor: after === undefined ? undefined : Buffer.from(after).toString('base64url') };
  }
}

keepShape(new MemoryEntry('', 0, 0));
