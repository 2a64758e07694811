import type { Clock, Timer } from '../../src/runtime/clock.ts';

interface Pending {
  readonly ids: readonly string[];
  readonly timer: Timer;
}

/** Restarts that wait for their time. */
export class Restarts {
  readonly #clock: Clock;
  readonly #pending = new Set<Pending>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Calls `restart` after the delay, in a turn of its own also when that is 0: a child that crashes in its start must
   * not recurse. What waited for one of these children is part of this restart now, or the order of start would be lost.
   */
  schedule(ids: readonly string[], delay: number, restart: () => void): void {
    for (const other of this.#pending) if (other.ids.some((id) => ids.includes(id))) this.#forget(other);
    const pending: Pending = {
      ids,
      timer: this.#clock.setTimeout(() => {
        this.#pending.delete(pending);
        restart();
      }, delay),
    };
    this.#pending.add(pending);
  }

  cancel(): void {
    for (const pending of this.#pending) this.#forget(pending);
  }

  #forget(pending: Pending): void {
    this.#clock.clearTimeout(pending.timer);
    this.#pending.delete(pending);
  }
}
