import { shiftedWrite } from '../../src/tiers/shifted.ts';
import type { Write } from '../../src/tiers/tier.ts';
import { type HybridClock, type Shift, shiftedVersion } from '../../src/wire/hybrid-clock.ts';
import { bothMarks } from './fold.ts';
import type { JournalOptions } from './journal.ts';

/** A change as the durable tier is to have it. `look`: what it has led to is known elsewhere, and is looked up when it goes. */
export type Pending =
  | Extract<Write, { op: 'set' | 'delete' | 'mark' }>
  | { readonly op: 'look'; readonly key: string; readonly version: string };

/** Told whether the durable tier has it. */
export type Told = (kept: boolean) => void;

/** Rough bytes of an entry beside its texts. */
const OVERHEAD = 200;

/**
 * What the durable tier has not got yet: the last change of each key, and clearings. It overlays that tier. Bounded: a value
 * whose text finds no room leaves word that what is there is older; when there is no room for that either, all of it
 * becomes one clearing of everything. So nothing that was deleted, or replaced, is ever answered from there.
 */
export class ArchiveBacklog {
  readonly #options: JournalOptions;
  readonly #time: HybridClock;
  #entries = new Map<string, Pending>();
  /** Keys of what goes first. */
  readonly #deletes = new Set<string>();
  readonly #told = new Map<string, Told[]>();
  readonly #clearings = new Map<string, string>();
  #clearingsTold: Told[] = [];
  #bytes = 0;
  /** Values of which no more than that there is a newer one was kept. */
  dropped = 0;
  /** Times that all of it became one clearing of everything. */
  collapsed = 0;

  constructor(options: JournalOptions, time: HybridClock) {
    this.#options = options;
    this.#time = time;
  }

  get size(): number {
    return this.#entries.size + this.#clearings.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): Pending | undefined {
    return this.#entries.get(key);
  }

  /** Whether a value of this version was cleared and the durable tier has not been told yet. */
  clears(key: string, version: string): boolean {
    for (const [prefix, cleared] of this.#clearings)
      if (version < cleared && key.startsWith(prefix)) return true;
    return false;
  }

  add(pending: Pending): void {
    const { key, version } = pending;
    const present = this.#entries.get(key);
    const joins = present?.op === 'mark' && pending.op === 'mark';
    if (present !== undefined && present.version > version && !joins) return;
    const next = joins ? bothMarks(present, pending) : this.#fitting(pending, present);
    if (present === undefined && this.#entries.size >= this.#options.maxEntries) {
      this.#collapse();
      return;
    }
    this.#bytes += sizeOf(next) - sizeOf(present);
    // Re-inserted, so that the order of the map is the order of the last changes.
    this.#entries.delete(key);
    this.#entries.set(key, next);
    if (next.op === 'delete' || next.op === 'mark') this.#deletes.add(key);
    else this.#deletes.delete(key);
  }

  /** Older values below the prefix have nothing left to say. */
  clear(prefix: string, version: string): void {
    for (const [key, pending] of this.#entries) {
      // A mark says more than what it invalidates: that there is a marker.
      if (pending.op !== 'mark' && key.startsWith(prefix) && pending.version < version)
        this.#cover(key, pending);
    }
    for (const [other, before] of this.#clearings)
      if (other.startsWith(prefix) && before <= version) this.#clearings.delete(other);
    if ((this.#clearings.get(prefix) ?? '') < version) this.#clearings.set(prefix, version);
    if (this.#clearings.size > this.#options.maxEntries) this.#collapse();
  }

  /** What goes first. */
  clearing(): { readonly prefix: string; readonly version: string } | undefined {
    for (const [prefix, version] of this.#clearings) return { prefix, version };
    return undefined;
  }

  /** The next changes: deletions and marks before all others, then in order. */
  next(count: number): Pending[] {
    const found: Pending[] = [];
    for (const key of this.#deletes) {
      if (found.length === count) return found;
      found.push(this.#entries.get(key) as Pending);
    }
    for (const pending of this.#entries.values()) {
      if (found.length === count) break;
      if (!this.#deletes.has(pending.key)) found.push(pending);
    }
    return found;
  }

  /** The durable tier has this, or something newer. A change that came meanwhile stays. */
  confirm(pending: Pending): void {
    if (this.#entries.get(pending.key) !== pending) return;
    for (const told of this.#remove(pending.key, pending)) told(true);
  }

  confirmClearing(prefix: string, version: string): void {
    if (this.#clearings.get(prefix) === version) this.#clearings.delete(prefix);
    if (this.#clearings.size > 0) return;
    for (const told of this.#clearingsTold.splice(0)) told(true);
  }

  /** Tells when the durable tier has what is pending of a key. */
  whenKept(key: string, told: Told): void {
    const pending = this.#entries.get(key);
    if (pending === undefined) this.whenCleared(told);
    else this.#told.set(key, [...(this.#told.get(key) ?? []), told]);
  }

  /** Tells when the durable tier knows of all clearings. */
  whenCleared(told: Told): void {
    if (this.#clearings.size === 0) told(true);
    else this.#clearingsTold.push(told);
  }

  /** The durable tier is out: who waits goes on without it. */
  giveUpWaiting(): void {
    const waiting = [...this.#told.values()].flat().concat(this.#clearingsTold);
    this.#told.clear();
    this.#clearingsTold = [];
    for (const told of waiting) told(false);
  }

  /** The local clock was off: what was signed by it is moved to where it belongs. */
  shift(shift: Shift): void {
    const moved = [...this.#entries.values()].map((pending) =>
      pending.op === 'look'
        ? { ...pending, version: shiftedVersion(pending.version, shift) }
        : (shiftedWrite(pending, shift) as Pending),
    );
    this.#entries = new Map(moved.map((pending) => [pending.key, pending]));
    for (const [prefix, version] of this.#clearings)
      this.#clearings.set(prefix, shiftedVersion(version, shift));
  }

  #fitting(pending: Pending, present: Pending | undefined): Pending {
    const size = this.#bytes - sizeOf(present) + sizeOf(pending);
    if (pending.op !== 'set' || size <= this.#options.maxBytes) return pending;
    this.dropped++;
    return { op: 'delete', key: pending.key, version: pending.version };
  }

  #collapse(): void {
    this.collapsed++;
    // A mark says more than what it invalidates: that there is a marker.
    for (const [key, pending] of this.#entries) if (pending.op !== 'mark') this.#cover(key, pending);
    this.clear('', this.#time.next());
  }

  /** Whoever waits for it waits for a clearing instead. */
  #cover(key: string, pending: Pending): void {
    this.#clearingsTold.push(...this.#remove(key, pending));
  }

  /** Returns who waited for it. */
  #remove(key: string, pending: Pending): readonly Told[] {
    this.#entries.delete(key);
    this.#deletes.delete(key);
    this.#bytes -= sizeOf(pending);
    const waiting = this.#told.get(key) ?? [];
    this.#told.delete(key);
    return waiting;
  }
}

function sizeOf(pending: Pending | undefined): number {
  if (pending === undefined) return 0;
  return OVERHEAD + 2 * (pending.key.length + (pending.op === 'set' ? pending.stored.length : 0));
}
