import type { Clock } from '../runtime/clock.ts';
import type { EventBus } from '../runtime/events.ts';

/** Resolves when it is known whether a tier is there, at the latest after `patience` milliseconds. Default: Redis. */
export function firstWord(
  events: EventBus,
  clock: Clock,
  patience: number,
  news: 'breaker' | 'archive' = 'breaker',
): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      unsubscribe();
      clock.clearTimeout(timer);
      resolve();
    };
    const timer = clock.setTimeout(done, patience);
    const unsubscribe = events.subscribe((event) => {
      if (event.type === `${news}.probe-failed`) done();
      if (event.type === `${news}.changed` && 'state' in event && event.state === 'closed') done();
    });
  });
}
