import { UnderstudyError } from '../../src/runtime/errors.ts';

export interface LoadLimits {
  /** Loads that one process runs at once. */
  readonly concurrency: number;
  /** Keys that may wait until they may be loaded. */
  readonly queue: number;
}

/**
 * How many loads this process runs at once, and who is next: what is behind the cache must not be crushed when everything
 * misses. Those that wait are let in in the order in which they came.
 */
export class LoadSlots<T> {
  readonly #limits: LoadLimits;
  readonly #running: () => number;
  readonly #queue = new Set<T>();
  #reserved = 0;

  /** `running`: loads that have begun. A slot is reserved from {@link enter} or {@link next} until {@link settled}. */
  constructor(limits: LoadLimits, running: () => number) {
    this.#limits = limits;
    this.#running = running;
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
      throw new UnderstudyError(
        'LOADS_EXHAUSTED',
        `${concurrency} loads run in this process, and ${queue} more wait already`,
      );
    }
    this.#queue.add(load);
    return 'queued';
  }

  /** Reserves a slot if there is one that nobody waits for. */
  reserve(): boolean {
    if (this.#running() + this.#reserved >= this.#limits.concurrency) return false;
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
      this.#queue.delete(load);
      return load;
    }
    return undefined;
  }

  /** Gives up a place in the queue, if it has one. */
  leave(load: T): boolean {
    return this.#queue.delete(load);
  }
}
