import type { EventBus } from '../runtime/events.ts';

/** Tells a failover from what else may happen to connections, by the histories of the masters. */
export class Failovers {
  readonly #events: EventBus;
  #known: readonly string[] = [];
  /** How many there were. */
  count = 0;

  constructor(events: EventBus) {
    this.#events = events;
  }

  /** Takes note of the histories of all masters that can be reached now. */
  readonly saw = (histories: readonly string[]): void => {
    const gone = this.#known.some((history) => !histories.includes(history));
    const begun = histories.some((history) => !this.#known.includes(history));
    // A master that is out and has no successor yet is waited for.
    if (gone && !begun) return;
    this.#known = histories;
    if (!gone) return;
    this.count++;
    this.#events.publish({ type: 'redis.failover' });
  };
}
