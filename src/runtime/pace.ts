import type { Clock } from './clock.ts';

/** Milliseconds of lost time that are made up for, since timers fire late; more would come all at once. */
const SLACK = 10;

/** Lets so many begin in a second, evenly. */
export class Pace {
  readonly #clock: Clock;
  readonly #interval: number;
  #next = 0;

  /** `rate`: a second; Infinity for no limit. */
  constructor(rate: number, clock: Clock) {
    this.#clock = clock;
    this.#interval = 1_000 / rate;
  }

  /** Resolves when the next may begin, or `signal` aborts. */
  async turn(signal: AbortSignal | undefined): Promise<void> {
    const now = this.#clock.monotonic();
    const due = Math.max(this.#next, now - SLACK);
    this.#next = due + this.#interval;
    if (due > now) await this.#pause(due - now, signal);
  }

  #pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.setTimeout(ended, Math.ceil(milliseconds));
      // The clock lets a program end while its timers run. Whoever waits for this one has work to do.
      if (typeof timer === 'object' && timer !== null && 'ref' in timer && typeof timer.ref === 'function')
        timer.ref();
      signal?.addEventListener('abort', aborted, { once: true });
      const clock = this.#clock;
      function ended(): void {
        signal?.removeEventListener('abort', aborted);
        resolve();
      }
      function aborted(): void {
        clock.clearTimeout(timer);
        resolve();
      }
    });
  }
}
