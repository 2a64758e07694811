import { UnderstudyError } from '../../src/runtime/errors.ts';

export interface LoadLimits {
  /** Loads that one process runs at once. */
  readonly concurrency: number;
  /** Keys that may wait until they may be loaded. */
  readonly queue: number;
}

/** A load of many keys, which has one slot for all of them. */
export interface ManyAtOnce {
  /** There is a slot: it takes leases at once, which are a running load, or gives it up. */
  begin(): void;
}

/** The loads that have begun, and what is known of those that have not. */
interface Running {
  readonly loads: number;
  waiting: number;
  refused: number;
}

/**
 * How many loads this process runs at once, and who is next: what is behind the cache must not be crushed when everything
 * misses. Those that wait are let in in the order in which they came.
 */
export class LoadSlots<T> {
  readonly #limits: LoadLimits;
  readonly #leases: Running;
  readonly #queue = new Set<T>();
  #reserved = 0;

  /** A slot is reserved from {@link enter}, {@link reserve} or {@link next} until {@link settled}. */
  constructor(limits: LoadLimits, leases: Running) {
    this.#limits = limits;
    this.#leases = leases;
    leases.waiting = 0;
  }

  /** Keys that wait. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Reserves a slot, or takes a place in the queue. Throws LOADS_EXHAUSTED when that is full. */
  enter(load: T): 'entered' | 'queued' {
    if (this.#queue.size === 0 && this.reserve()) return 'entered';
    const { concurrency, queue } = this.#limits;
    if (this.#queue.size >= queue) {
      this.#leases.refused++;
      throw new UnderstudyError(
        'LOADS_EXHAUSTED',
        `${concurrency} loads run in this process, and ${queue} more wait already`,
      );
    }
    this.#queue.add(load);
    this.#leases.waiting = this.#queue.size;
    return 'queued';
  }

  /** Reserves a slot if there is one that nobody waits for. */
  reserve(): boolean {
    if (this.#leases.loads + this.#reserved >= this.#limits.concurrency) return false;
    this.#reserved++;
    return true;
  }

  /** The reserved slot has become a running load, or is given up. */
  settled(): void {
    this.#reserved--;
  }

  /** The next that waits, with a slot reserved for it; undefined when there is none, or no slot. */
  next(): T | undefined {
    for (const load of this.#queue) {
      if (!this.reserve()) return undefined;
      this.leave(load);
      return load;
    }
    return undefined;
  }

  /** Gives up a place in the queue, if it has one. */
  leave(load: T): boolean {
    const left = this.#queue.delete(load);
    this.#leases.waiting = this.#queue.size;
    return left;
  }
}
