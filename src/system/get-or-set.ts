import type { CacheMessage, Found, Leased, NotFound } from '../../actors/cache/messages.ts';
import type { Clock } from '../runtime/clock.ts';
import { isUnderstudyError, UnderstudyError } from '../runtime/errors.ts';
import { type Ttl, ttlMilliseconds } from '../wire/ttl.ts';
import type { CacheMail as ActorRef } from './cache-mail.ts';
import { checkOptions } from './call-options.ts';
import { givingUp } from './giving-up.ts';

/** Loads a value from where it comes from. `undefined` means "there is none" and is not stored. */
export type Loader<T> = () => T | Promise<T>;

/** Options of `getOrSet`. */
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
export function getOrSet<T>(
  { ref, clock }: { readonly ref: ActorRef; readonly clock: Clock },
  key: string,
  load: Loader<T>,
  options?: LoadOptions,
): Promise<T> {
  try {
    check(load, options);
  } catch (error) {
    return Promise.reject(error);
  }
  const loaded = new Promise<T>((resolve, reject) => {
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
  return limited ? givingUp(loaded, clock, options) : loaded;
}

/** Everything that can be refused is refused before the loader runs. */
function check(load: unknown, options: LoadOptions | undefined): void {
  if (typeof load !== 'function') {
    throw new UnderstudyError('INVALID_OPTION', `load: expected a function, got ${typeof load}`);
  }
  if (options === undefined) return;
  checkOptions(options, KNOWN);
  const { ttl, signal } = options;
  if (ttl !== undefined) ttlMilliseconds(ttl);
  if (signal === undefined) return;
  if (!(signal instanceof AbortSignal)) {
    throw new UnderstudyError('INVALID_OPTION', `signal: expected an AbortSignal, got ${typeof signal}`);
  }
  if (signal.aborted) {
    throw new UnderstudyError('ABORTED', 'getOrSet: the caller had given up before', {
      cause: signal.reason,
    });
  }
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
  } catch (thrown) {
    // Without a reason the lease would be handed on, and each who waits would load in turn.
    const reason =
      thrown ?? new UnderstudyError('LOAD_FAILED', 'getOrSet: the loader rejected without saying why');
    abandon(ref, key, lease, reason);
    throw reason;
  }
  try {
    const message: CacheMessage = { type: 'cache.fulfil', key, lease, value, ttl };
    await ref.ask(message);
  } catch (error) {
    if (isUnderstudyError(error, 'INVALID_VALUE')) {
      abandon(ref, key, lease, error);
      throw error;
    }
    // The value is loaded and good: that it could not be kept is no reason to withhold it, and the next may load.
    abandon(ref, key, lease, undefined);
  }
  return value;
}

function abandon(ref: ActorRef, key: string, lease: string, reason: unknown): void {
  ref.send({ type: 'cache.abandon', key, lease, reason });
}
