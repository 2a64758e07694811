import { LRUCache } from 'lru-cache';
import type { Clock } from '../../src/runtime/clock.ts';
import { UnderstudyError } from '../../src/runtime/errors.ts';

/** Keys of which it is remembered; of more, those that failed last. */
const REMEMBERED = 10_000;

/** Keys whose last load failed not long ago: who has something stale to use is not sent to their source again so soon. */
export class Backoffs {
  readonly #clock: Clock;
  readonly #until = new LRUCache<string, number>({ max: REMEMBERED });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `backoff`: milliseconds. */
  hold(key: string, backoff: number): void {
    this.#until.set(key, this.#clock.monotonic() + backoff);
  }

  holds(key: string): boolean {
    if (this.#until.size === 0) return false;
    const until = this.#until.peek(key);
    if (until === undefined) return false;
    if (until > this.#clock.monotonic()) return true;
    this.#until.delete(key);
    return false;
  }
}

/** Throws INVALID_MESSAGE. */
export function checkBackoff(backoff: number): void {
  if (Number.isFinite(backoff) && backoff >= 0) return;
  const given = typeof backoff === 'number' ? backoff : `a ${typeof backoff}`;
  throw new UnderstudyError('INVALID_MESSAGE', `backoff: expected milliseconds, got ${given}`);
}
