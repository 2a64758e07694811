import type { CacheMessage, Found, Leased, NotFound } from '../../actors/cache/messages.ts';
import type { ActorRef } from '../runtime/actor-ref.ts';
import { isUnderstudyError, UnderstudyError } from '../runtime/errors.ts';
import { type Ttl, ttlMilliseconds } from '../wire/ttl.ts';
import { checkOptions } from './call-options.ts';

/** Loads a value from where it comes from. */
export type Loader<T> = () => T | Promise<T>;

export interface LoadOptions {
  /** How long the loaded value lives: milliseconds or a string like `'5m'`. Default: the system's `ttl`, one hour. */
  readonly ttl?: Ttl;
  /** Milliseconds this caller waits, also for a load that another one runs. Default: until the load has ended. */
  readonly deadline?: number;
  /** Lets this caller give up, with ABORTED. The load goes on for the others. */
  readonly signal?: AbortSignal;
}

const KNOWN: readonly string[] = ['ttl', 'deadline', 'signal'];

/** `cache.acquire`, `cache.fulfil` and `cache.abandon` in one call. */
export function getOrSet<T>(ref: ActorRef, key: string, load: Loader<T>, options?: LoadOptions): Promise<T> {
  const loaded = new Promise<T>((resolve, reject) => {
    if (typeof load !== 'function') {
      throw new UnderstudyError('INVALID_OPTION', `load: expected a function, got ${typeof load}`);
    }
    if (options !== undefined) {
      checkOptions(options, KNOWN);
      // Before the loader runs, not after.
      if (options.ttl !== undefined) ttlMilliseconds(options.ttl);
    }
    const answered = (answer: Found | Leased | NotFound): void => {
      if (answer.found) resolve(answer.value as T);
      else if ('lease' in answer) resolve(run(ref, key, answer.lease, load, options?.ttl));
      else resolve(undefined as T);
    };
    ref.post({ type: 'cache.acquire', key }, answered, reject, {
      deadline: options?.deadline ?? Infinity,
    });
  });
  const limited = options?.signal !== undefined || options?.deadline !== undefined;
  return limited ? givingUp(loaded, options) : loaded;
}

/** The holder of the lease loads, and reports how it went. */
async function run<T>(
  ref: ActorRef,
  key: string,
  lease: string,
  load: Loader<T>,
  ttl: Ttl | undefined,
): Promise<T> {
  let value: T;
  try {
    value = await load();
  } catch (reason) {
    abandon(ref, key, lease, reason);
    throw reason;
  }
  try {
    const message: CacheMessage = { type: 'cache.fulfil', key, lease, value, ttl };
    await ref.ask(message);
  } catch (error) {
    // The value is loaded and good; that it could not be kept is no reason to withhold it, unless it is unfit to be kept.
    if (isUnderstudyError(error, 'INVALID_VALUE')) {
      abandon(ref, key, lease, error);
      throw error;
    }
  }
  return value;
}

function abandon(ref: ActorRef, key: string, lease: string, reason: unknown): void {
  ref.send({ type: 'cache.abandon', key, lease, reason });
}

/** Settles with the load, unless the caller gives up before. */
function givingUp<T>(loaded: Promise<T>, { signal, deadline }: LoadOptions): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const aborted = (): void => {
      reject(new UnderstudyError('ABORTED', 'getOrSet: the caller gave up', { cause: signal?.reason }));
    };
    const late = (): void => {
      reject(new UnderstudyError('DEADLINE_EXCEEDED', `getOrSet: nothing was loaded within ${deadline} ms`));
    };
    const timer = deadline === undefined || deadline === Infinity ? undefined : setTimeout(late, deadline);
    if (signal?.aborted) aborted();
    else signal?.addEventListener('abort', aborted, { once: true });
    loaded.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
    });
  });
}
