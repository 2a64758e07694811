import { onTestFinished, vi } from 'vitest';
import type { Timer } from '../../src/runtime/clock.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What the global functions return: it knows its clock, for a timer may be cleared when another clock is in force. */
class GlobalTimer {
  readonly #clock: VirtualClock;
  #timer: Timer;

  constructor(clock: VirtualClock, callback: () => void, milliseconds: number, again: boolean) {
    this.#clock = clock;
    const fire = (): void => {
      if (again) this.#timer = clock.setTimeout(fire, milliseconds);
      callback();
    };
    this.#timer = clock.setTimeout(fire, milliseconds);
  }

  unref(): this {
    return this;
  }

  clear(): void {
    this.#clock.clearTimeout(this.#timer);
  }
}

/**
 * Puts the timers of libraries that know no clock on the virtual time of whatever clock `current` tells, until the
 * test is over.
 */
export function globalTimersOn(current: () => VirtualClock): void {
  const start =
    (again: boolean) =>
    (callback: () => void, milliseconds = 0) =>
      new GlobalTimer(current(), callback, milliseconds, again);
  const clear = (timer: unknown): void => {
    if (timer instanceof GlobalTimer) timer.clear();
  };
  vi.stubGlobal('setTimeout', start(false));
  vi.stubGlobal('setInterval', start(true));
  vi.stubGlobal('clearTimeout', clear);
  vi.stubGlobal('clearInterval', clear);
  onTestFinished(() => void vi.unstubAllGlobals());
}
