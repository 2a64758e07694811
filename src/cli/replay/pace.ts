import { setTimeout as delay } from 'node:timers/promises';

/**
 * Says when the next line of a load begins. As fast as it goes, unless a limit is set; then at even steps of a schedule,
 * and a line that could not begin on time is late from when it was meant to.
 */
export class Pace {
  #interval: number | undefined;
  #next = 0;
  #changed = new AbortController();

  /** Most keys a second from now on, also for the line that waits; undefined lifts the limit. */
  limit(keysPerSecond: number | undefined): void {
    this.#interval = keysPerSecond === undefined ? undefined : 1_000 / keysPerSecond;
    this.#next = performance.now();
    this.#changed.abort();
    this.#changed = new AbortController();
  }

  /** Resolves when a line of so many keys may begin, with the time (`performance.now()`) at which it was meant to. */
  async turn(keys: number): Promise<number> {
    if (this.#interval === undefined) return performance.now();
    const intended = this.#next;
    this.#next += keys * this.#interval;
    const wait = intended - performance.now();
    if (wait > 0) await delay(wait, undefined, { signal: this.#changed.signal }).catch(() => {});
    // Timers may fire a fraction of a millisecond early, and a limit may be lifted.
    return Math.min(intended, performance.now());
  }
}
