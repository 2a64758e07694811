import type { Clock, Timer } from '../../src/runtime/clock.ts';

/** Another clock whose wall time is off, and may be set while it runs, as by a person or by NTP. Its timers are right. */
export class SkewedClock implements Clock {
  readonly #clock: Clock;
  #off: number;

  constructor(clock: Clock, off: number) {
    this.#clock = clock;
    this.#off = off;
  }

  jump(milliseconds: number): void {
    this.#off += milliseconds;
  }

  now(): number {
    return this.#clock.now() + this.#off;
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  setTimeout(callback: () => void, milliseconds: number): Timer {
    return this.#clock.setTimeout(callback, milliseconds);
  }

  clearTimeout(timer: Timer): void {
    this.#clock.clearTimeout(timer);
  }
}
