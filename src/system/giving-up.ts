import type { Clock } from '../runtime/clock.ts';
import { UnderstudyError } from '../runtime/errors.ts';

/** Longest that a timer of Node can wait; one that is to wait longer fires at once. */
const MAX_TIMER = 2_147_483_647;

interface Limits {
  readonly signal?: AbortSignal;
  readonly deadline?: number;
}

/** Settles with the load, unless the caller gives up before. */
export function givingUp<T>(loaded: Promise<T>, clock: Clock, { signal, deadline }: Limits): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const aborted = (): void => {
      reject(new UnderstudyError('ABORTED', 'getOrSet: the caller gave up', { cause: signal?.reason }));
    };
    const late = (): void => {
      reject(new UnderstudyError('DEADLINE_EXCEEDED', `getOrSet: nothing was loaded within ${deadline} ms`));
    };
    const timer =
      deadline === undefined || deadline > MAX_TIMER ? undefined : clock.setTimeout(late, deadline);
    signal?.addEventListener('abort', aborted, { once: true });
    loaded.then(resolve, reject).finally(() => {
      if (timer !== undefined) clock.clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
    });
  });
}
