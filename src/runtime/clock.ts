/** A pending timeout, as the clock that made it understands it. */
export type Timer = unknown;

/**
 * The one source of time. Everything that waits or reads the time is given one of these, so that tests can run on
 * virtual time. It is also what xstate expects of a clock.
 */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. May jump. */
  now(): number;
  /** Milliseconds since an arbitrary start, with fractions. Never jumps. */
  monotonic(): number;
  setTimeout(callback: () => void, milliseconds: number): Timer;
  clearTimeout(timer: Timer): void;
}

/** Real time. Its timers do not keep the process alive: a cache must never be the reason a program does not end. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (callback, milliseconds) => setTimeout(callback, milliseconds).unref(),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
