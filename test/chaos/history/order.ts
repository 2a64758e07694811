import { type Change, leavesNothing, leavesValue } from './change.ts';
import type { KeyHistory } from './history.ts';
import type { Overflow } from './overflow.ts';

/** The changes of one key, and what follows from their order. */
export class Order {
  readonly #changes: readonly Change[];
  readonly #overflows: readonly Overflow[];
  readonly #fleetLeases: boolean;
  readonly #byValue = new Map<string, Change>();
  /** When a process first read what a change had left. */
  readonly #readBy = new Map<string, number>();

  constructor(
    { changes, readings, overflows }: Pick<KeyHistory, 'changes' | 'readings' | 'overflows'>,
    fleetLeases: boolean,
  ) {
    this.#overflows = overflows;
    this.#changes = changes.filter(({ kind }) => kind !== 'increment');
    this.#fleetLeases = fleetLeases;
    for (const change of changes) if (change.value !== undefined) this.#byValue.set(change.value, change);
    for (const { process, value, returned } of readings) {
      const name = `${process} ${value}`;
      this.#readBy.set(name, Math.min(returned, this.#readBy.get(name) ?? returned));
    }
  }

  /** The changes that must be there in the end, or be superseded. */
  get lasting(): readonly Change[] {
    return this.#changes.filter((change) => change.lasting && (leavesValue(change) || leavesNothing(change)));
  }

  /** The change that wrote a value. */
  writerOf(value: unknown): Change | undefined {
    return typeof value === 'string' ? this.#byValue.get(value) : undefined;
  }

  /** Whether nobody who knows of `newer` may be answered what `older` left. */
  hides(newer: Change, older: Change): boolean {
    if (newer === older || newer.kind === 'touch') return false;
    return this.#precedes(older, newer) && !this.#excused(older, newer);
  }

  /** Whether a value that was there may be gone at a time, as some deletion that is not older took it. */
  mayBeGone(change: Change, before: number): boolean {
    const deleted = this.#changes.some(
      (other) => leavesNothing(other) && other.invoked < before && !this.#precedes(other, change),
    );
    return deleted || this.#overflows.some(({ from, to }) => from < before && to >= change.invoked);
  }

  /**
   * Whether one change is older than another beyond doubt: it was acknowledged before the other was asked for, and its
   * version says so too; or whoever made the other had read it. Changes that overlap may take effect in either order.
   */
  #precedes(a: Change, b: Change): boolean {
    if (this.#wasVoidedBy(a, b)) return true;
    if (a.value !== undefined && (this.#readBy.get(`${b.process} ${a.value}`) ?? Infinity) < b.invoked)
      return true;
    return a.returned < b.invoked && !isAbove(a.version, b.version);
  }

  /** What was loaded is as old as its lease: a change since then voided that, whatever version the load was given. */
  #wasVoidedBy(load: Change, change: Change): boolean {
    if (load.granted === undefined || change.kind === 'touch' || load === change) return false;
    if (!this.#fleetLeases && load.process !== change.process) return false;
    return change.invoked > load.granted && change.returned < load.invoked;
  }

  /**
   * Last write wins, by version, for what is replayed; by arrival for what is not. So where the clocks of two processes
   * differ, a change with a lower version may arrive later, and a replay of `older` go over it.
   */
  #excused(older: Change, newer: Change): boolean {
    if (older.durable) return false;
    return this.#changes.some(
      (other) =>
        other !== older &&
        other !== newer &&
        other.kind !== 'touch' &&
        other.invoked > older.returned &&
        isAbove(older.version, other.version),
    );
  }
}

/** Versions are not known of what was not answered. */
function isAbove(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a > b;
}
