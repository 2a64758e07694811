import type { Clock } from '../runtime/clock.ts';
import type { EventBus } from '../runtime/events.ts';

/** Resolves when it is known whether Redis is there, at the latest after `patience` milliseconds. */
export function firstWord(events: EventBus, clock: Clock, patience: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      unsubscribe();
      clock.clearTimeout(timer);
      resolve();
    };
    const timer = clock.setTimeout(done, patience);
    const unsubscribe = events.subscribe((event) => {
      if (event.type === 'breaker.probe-failed') done();
      if (event.type === 'breaker.changed' && event.state === 'closed') done();
    });
  });
}
