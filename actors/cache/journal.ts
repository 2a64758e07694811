import { isUnderstudyError, UnderstudyError } from '../../src/runtime/errors.ts';
import { deltasOf, withDeltas } from '../../src/tiers/deltas.ts';
import { isAbout, isInvalidation } from '../../src/tiers/markers.ts';
import { shiftedWrite } from '../../src/tiers/shifted.ts';
import type { Write } from '../../src/tiers/tier.ts';
import { type HybridClock, instanceOf, type Shift, shiftedVersion } from '../../src/wire/hybrid-clock.ts';
import { folded } from './fold.ts';
import { Receipts } from './receipts.ts';
import { SetAside } from './set-aside.ts';
import { WatchedMap } from './watched-map.ts';

export interface JournalOptions {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** An invalidation of everything with a prefix that is older than `version`. */
export interface Clearing {
  readonly prefix: string;
  readonly version: string;
  /**
   * Redis was there when it was asked for, and the asker still waits: what stands there now was there before, or came
   * meanwhile, by whatever clock it was signed.
   */
  prompt?: boolean;
  /** Deletions that found no room: values that were accepted before it wait here, and are to outlive it. */
  readonly collapsed?: boolean;
  /** The version of the first of those: what has been touched or counted since may have been deleted before. */
  readonly since?: string;
}

type Increment = Extract<Write, { op: 'increment' }>;

/** Told of every entry that came, changed or went. */
export interface JournalWatcher {
  keyChanged(key: string): void;
  clearingsChanged(): void;
}

/** Rough bytes of an entry beside its texts. */
const OVERHEAD = 200;
/** Rough bytes of a part of an increment. */
const DELTA = 160;

/**
 * Changes that Redis has not confirmed: last write wins per key, so it holds at most one entry a key. It overlays Redis:
 * what stands here is newer than what Redis would answer. Bounded; when it is full a new value is refused, while
 * deletions, which must not be dropped, give way to one invalidation of everything older.
 */
export class Journal {
  readonly #options: JournalOptions;
  readonly #time: HybridClock;
  readonly #entries = new WatchedMap<Write>((key) => this.#watcher?.keyChanged(key));
  /** Of increments that are being replayed, or may have been: the last part that was sent. */
  readonly #sealed = new Map<string, string>();
  /** Those that are replayed before all others: what invalidates. */
  readonly #deletes = new Set<string>();
  readonly receipts: Receipts;
  /** What Redis refuses for good, as far as can be told. */
  readonly aside = new SetAside();
  /**
   * What gave way to a newer change that is on its way to Redis. Its room is kept, as it returns when that is refused, and
   * whoever remembers the journal keeps it until then.
   */
  readonly #displaced = new Map<string, Write>();
  #displacedBytes = 0;
  #waitingClearings: readonly Clearing[] = [];
  #watcher: JournalWatcher | undefined;
  #bytes = 0;
  /** Entries that reached Redis. */
  replayed = 0;
  /** Entries that Redis held something newer for. */
  superseded = 0;
  /** Writes that found it full. */
  refused = 0;
  /** Times that deletions or invalidations found no room, and gave way to one invalidation of everything. */
  collapsed = 0;

  constructor(options: JournalOptions, time: HybridClock) {
    this.#options = options;
    this.#time = time;
    this.receipts = new Receipts(time.instance);
  }

  /** Entries and invalidations that wait. */
  get size(): number {
    return this.#entries.size + this.#clearings.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether there is room for another entry. */
  get room(): boolean {
    const { maxEntries, maxBytes } = this.#options;
    return this.size + this.#displaced.size < maxEntries && this.#bytes + this.#displacedBytes < maxBytes;
  }

  get clearings(): readonly Clearing[] {
    return this.#waitingClearings;
  }

  /** The instances whose changes wait: of this process, and of those whose journals it has taken over. */
  authors(): string[] {
    const authors = new Set([this.#time.instance]);
    for (const { version } of this.#entries.values()) authors.add(instanceOf(version));
    return [...authors];
  }

  watch(watcher: JournalWatcher): void {
    this.#watcher = watcher;
  }

  /** What would have to be made good if the process ended now: also what has only just given way to something newer. */
  owed(key: string): Write | undefined {
    return this.#entries.get(key) ?? this.#displaced.get(key);
  }

  owedKeys(): Set<string> {
    return new Set([...this.#entries.keys(), ...this.#displaced.keys()]);
  }

  /** Takes in an invalidation that an earlier process left. */
  recoverClearing(clearing: Clearing): void {
    const { prefix, version, collapsed } = clearing;
    this.#time.observe(version);
    const covers = (other: Clearing): boolean =>
      prefix.startsWith(other.prefix) && other.version >= version && (collapsed || !other.collapsed);
    if (this.#clearings.some(covers)) return;
    // Of deletions that found no room: values that are older wait beside it, and are to outlive it.
    if (collapsed) this.#clearings = [...this.#clearings, clearing];
    else this.addClearing(clearing);
  }

  /** Takes in what an earlier process left. It was accepted once, so there is room for it. */
  recover(write: Write): void {
    const { key, version } = write;
    this.#time.observe(version);
    const erases = (clearing: Clearing): boolean =>
      !clearing.collapsed && key.startsWith(clearing.prefix) && version < clearing.version;
    if (this.#clearings.some(erases)) return;
    const previous = this.#entries.get(key);
    const next = this.#reconciled(previous, write);
    this.#put(next);
    this.#bytes += sizeOf(next) - sizeOf(previous);
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
    const displaced = this.#displaced.get(write.key);
    const kept = this.#displaced.size - (displaced === undefined ? 0 : 1);
    const keptBytes = this.#displacedBytes - sizeOf(displaced);
    // Invalidations take room as well.
    const crowded = previous === undefined && this.size + kept >= this.#options.maxEntries;
    if (crowded || size + keptBytes > this.#options.maxBytes) {
      if (next.op === 'delete' || isInvalidation(next)) this.#collapse(next);
      else this.#refuse();
      return;
    }
    // Re-inserted, so that the order of the map is the order of the last changes.
    this.#entries.delete(write.key);
    this.#forgetDisplaced(write.key);
    this.#put(next);
    this.#bytes = size;
  }

  /** What is older below a prefix has nothing left to say. */
  forget(prefix: string, version: string): void {
    for (const [key, write] of this.#entries)
      if (key.startsWith(prefix) && write.version < version) this.#remove(key, write);
  }

  /** Takes in the invalidation of a prefix; older entries below it have nothing left to say. */
  addClearing(clearing: Clearing): void {
    this.forget(clearing.prefix, clearing.version);
    const covered = ({ prefix, version }: Clearing): boolean =>
      prefix.startsWith(clearing.prefix) && version <= clearing.version;
    const others = this.#clearings.filter((other) => !covered(other));
    this.#clearings = [...others, clearing];
    // Invalidations are not refused either: too many give way to one of everything.
    if (this.size > this.#options.maxEntries) {
      this.#giveWay(clearing.version);
    }
  }

  /** Whether a value of this version was invalidated and Redis has not been told yet. */
  clears(key: string, version: string): boolean {
    return this.#clearings.some((clearing) => key.startsWith(clearing.prefix) && version < clearing.version);
  }

  /** What must be replayed first: the oldest invalidation. */
  clearing(): Clearing | undefined {
    return this.#clearings[0];
  }

  /**
   * The next changes to replay: deletions before all others, then in order. Those set aside until after `now` wait. They
   * may be sent from now on: what comes later is not made one with their parts.
   */
  next(count: number, now: number = Number.POSITIVE_INFINITY): Write[] {
    const found = this.#due(count, now);
    for (const write of found) {
      const counts = write.op === 'set' ? write.origin?.after : write;
      const last = counts?.op === 'increment' ? deltasOf(counts).at(-1) : undefined;
      if (last !== undefined) this.#sealed.set(write.key, last.id);
    }
    return found;
  }

  /** Whether there is anything to replay, other than what was set aside until after `now`. */
  due(now: number): boolean {
    return this.#clearings.length > 0 || this.#due(1, now).length > 0;
  }

  #due(count: number, now: number): Write[] {
    const found: Write[] = [];
    const take = (write: Write | undefined): boolean => {
      if (write !== undefined && this.aside.due(write.key, now)) found.push(write);
      return found.length < count;
    };
    for (const key of this.#deletes) if (!take(this.#entries.get(key))) return found;
    if (found.length > 0) return found;
    for (const write of this.#entries.values()) if (!take(write)) break;
    return found;
  }

  /** Redis has this change, or something newer. A change of the same key that came meanwhile stays. */
  confirm(write: Write, superseded = false): void {
    const current = this.#entries.get(write.key);
    if (current === undefined) return;
    if (current !== write) {
      const rest =
        current.op === 'increment' && write.op === 'increment' ? lessThan(current, write) : current;
      // A delta that grew while it was on its way: what has arrived must not be added again.
      if (rest === current) return;
      if (rest !== undefined) {
        this.#bytes += sizeOf(rest) - sizeOf(current);
        this.#put(rest);
        return;
      }
    }
    this.#remove(write.key, current);
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
    if (write === undefined) return undefined;
    this.#forgetDisplaced(key);
    this.#displaced.set(key, write);
    this.#displacedBytes += sizeOf(write);
    this.#remove(key, write);
    return write;
  }

  /** Puts back what was taken out for a change that was then refused, unless something newer came meanwhile. */
  restore(write: Write): void {
    if (this.#displaced.get(write.key) !== write) return;
    this.#forgetDisplaced(write.key);
    this.#put(write);
    this.#bytes += sizeOf(write);
  }

  /** Redis has a change of this version: what is older has nothing left to say. */
  outdate(key: string, version: string): void {
    const write = this.#entries.get(key);
    if (write !== undefined && write.version <= version) this.#remove(key, write);
    if (this.#displaced.size === 0) return;
    const displaced = this.#displaced.get(key);
    if (displaced === undefined || displaced.version > version) return;
    this.#forgetDisplaced(key);
    this.#watcher?.keyChanged(key);
  }

  #forgetDisplaced(key: string): void {
    this.#displacedBytes -= sizeOf(this.#displaced.get(key));
    this.#displaced.delete(key);
  }

  get #clearings(): readonly Clearing[] {
    return this.#waitingClearings;
  }

  set #clearings(clearings: readonly Clearing[]) {
    this.#waitingClearings = clearings;
    this.#watcher?.clearingsChanged();
  }

  /** The local clock was off: what was signed by it is moved to where it belongs. Nothing of it has been sent yet. */
  shift(shift: Shift): void {
    this.#sealed.clear();
    for (const write of [...this.#entries.values()]) this.#put(shiftedWrite(write, shift));
    this.#clearings = this.#clearings.map((clearing) => ({
      ...clearing,
      version: shiftedVersion(clearing.version, shift),
    }));
  }

  /** A change that failed late may be older than what is here already. */
  #joined(present: Write | undefined, write: Write): Write {
    const now = this.#time.now();
    if (present === undefined) return write;
    if (present.version > write.version) return folded(write, present, now);
    return folded(present, write, now, this.#sealed.get(write.key));
  }

  #put(write: Write): void {
    this.#entries.set(write.key, write);
    if (write.op === 'delete' || write.op === 'mark') this.#deletes.add(write.key);
    else this.#deletes.delete(write.key);
    if (write.op === 'delete' || write.op === 'touch') this.#sealed.delete(write.key);
  }

  /** Of two processes one may have counted what the other had set to a text: in Redis that would lead to nothing, too. */
  #reconciled(present: Write | undefined, write: Write): Write {
    try {
      return this.#joined(present, write);
    } catch (error) {
      if (!isUnderstudyError(error, 'NOT_A_NUMBER')) throw error;
      return present === undefined || write.op === 'set' ? write : present;
    }
  }

  #remove(key: string, write: Write): void {
    this.#entries.delete(key);
    this.#deletes.delete(key);
    this.#sealed.delete(key);
    this.aside.forget(key);
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
    const present = this.#entries.get(write.key);
    if (present !== undefined) this.#remove(write.key, present);
    // Values that wait are to outlive what they all become, unless one of these was about them.
    const marks = [write, ...this.#entries.values()].filter(isInvalidation);
    for (const [key, entry] of this.#entries) {
      const over =
        entry.op === 'delete' || isInvalidation(entry) || marks.some((mark) => isAbout(mark, entry));
      if (over) this.#remove(key, entry);
    }
    this.#giveWay(this.#time.next());
  }

  #giveWay(version: string): void {
    this.collapsed++;
    const since = this.#clearings.map((clearing) => clearing.since ?? clearing.version);
    const [first = version] = since.sort();
    this.#clearings = [{ prefix: '', version, collapsed: true, since: first }];
  }
}

/** What an increment has that another has not; undefined for nothing. */
function lessThan(whole: Increment, part: Increment): Write | undefined {
  const arrived = new Set(deltasOf(part).map(({ id }) => id));
  const all = deltasOf(whole);
  const left = all.filter(({ id }) => !arrived.has(id));
  const { key, version, ttl, touched } = whole;
  const touch = touched !== undefined && touched !== part.touched;
  if (left.length === 0) return touch ? { op: 'touch', key, version, ttl, fresh: touched } : undefined;
  return left.length === all.length ? whole : withDeltas(whole, left);
}

function sizeOf(write: Write | undefined): number {
  if (write === undefined) return 0;
  const { op, key } = write;
  const origin = op === 'set' ? write.origin : undefined;
  const parts = op === 'increment' ? (write.deltas?.length ?? 0) : 0;
  const texts = key.length + (op === 'set' ? write.stored.length : 0);
  return OVERHEAD + DELTA * parts + 2 * texts + (origin ? sizeOf(origin.base) + sizeOf(origin.after) : 0);
}
