import { type Change, leavesNothing, leavesValue } from './change.ts';

/**
 * Whether one change is older than another beyond doubt: it was acknowledged before the other was asked for, and its
 * version says so too. Changes that overlap may take effect in either order.
 */
export function precedes(a: Change, b: Change, fleetLeases: boolean): boolean {
  if (wasVoidedBy(a, b, fleetLeases)) return true;
  if (a.returned >= b.invoked) return false;
  return a.version === undefined || b.version === undefined || a.version < b.version;
}

/** What was loaded is as old as its lease: a change since then voided that, whatever version the load was given. */
export function wasVoidedBy(load: Change, change: Change, fleetLeases: boolean): boolean {
  if (load.granted === undefined || change.kind === 'touch' || load === change) return false;
  if (!fleetLeases && load.process !== change.process) return false;
  return change.invoked > load.granted && change.returned < load.invoked;
}

/** The changes of one key, and what follows from their order. */
export class Order {
  readonly #changes: readonly Change[];
  readonly #fleetLeases: boolean;
  readonly #byValue = new Map<string, Change>();

  constructor(changes: readonly Change[], fleetLeases: boolean) {
    this.#changes = changes.filter(({ kind }) => kind !== 'increment');
    this.#fleetLeases = fleetLeases;
    for (const change of changes) if (change.value !== undefined) this.#byValue.set(change.value, change);
  }

  /** The change that wrote a value. */
  writerOf(value: unknown): Change | undefined {
    return typeof value === 'string' ? this.#byValue.get(value) : undefined;
  }

  /** Whether nobody who knows of `newer` may be answered what `older` left. */
  hides(newer: Change, older: Change): boolean {
    return (
      newer !== older &&
      newer.kind !== 'touch' &&
      precedes(older, newer, this.#fleetLeases) &&
      !this.#excused(older, newer)
    );
  }

  /** Whether a value that was there may be gone at a time, as some deletion that is not older took it. */
  mayBeGone(change: Change, before: number): boolean {
    return this.#changes.some(
      (other) =>
        leavesNothing(other) && other.invoked < before && !precedes(other, change, this.#fleetLeases),
    );
  }

  /** The changes that must be there in the end, or be superseded. */
  get lasting(): readonly Change[] {
    return this.#changes.filter((change) => change.lasting && (leavesValue(change) || leavesNothing(change)));
  }

  /**
   * Last write wins, by version, for what is replayed; by arrival for what is not. So a replay of `newer` gives way to a
   * later touch of the older value; and where the clocks of two processes differ, a change with a lower version may
   * arrive later, and a replay of `older` go over it.
   */
  #excused(older: Change, newer: Change): boolean {
    return this.#changes.some((other) => {
      if (other === older || other === newer) return false;
      if (other.kind === 'touch' && !newer.durable) return isAbove(other.version, newer.version);
      return (
        older.durable === false && other.invoked > older.returned && isAbove(older.version, other.version)
      );
    });
  }
}

/** A version that is not known may be above any other. */
function isAbove(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a > b;
}
