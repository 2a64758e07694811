import type { Crash } from '../../src/runtime/behaviour.ts';
import { Opening } from '../../src/wire/opening.ts';

/** Hands on values once they are open: at once, but for large ones that are decompressed aside. */
export class Openings {
  readonly #crash: Crash;
  #waiting = 0;
  #stopped = false;
  #idle: (() => void)[] = [];

  constructor(crash: Crash) {
    this.#crash = crash;
  }

  /** Calls back with the value, which is UNREADABLE where there is none after all. */
  when(value: unknown, listener: (value: unknown) => void): void {
    if (!(value instanceof Opening)) {
      listener(value);
      return;
    }
    this.#waiting++;
    value.whenOpen((opened) => {
      this.#waiting--;
      if (this.#stopped) return;
      try {
        listener(opened);
      } catch (error) {
        this.#crash(error);
      }
      if (this.#waiting === 0) for (const resolve of this.#idle.splice(0)) resolve();
    });
  }

  /** Resolves when nothing is being opened any more. */
  idle(): Promise<void> {
    return this.#waiting === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Whoever waits is delivered again to the next incarnation. */
  stop(): void {
    this.#stopped = true;
  }
}
