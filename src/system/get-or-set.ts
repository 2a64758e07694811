import type { CacheMessage, Found, Leased, NotFound, Timing } from '../../actors/cache/messages.ts';
import { isUnderstudyError, UnderstudyError } from '../runtime/errors.ts';
import { givingUp } from './giving-up.ts';
import type { Loader } from './load-context.ts';
import { type LoadOptions, type LoadPlan, planOf } from './load-options.ts';
import { isDue, slidTo } from './refresh-ahead.ts';
import { type LoadParts, runLoad } from './run-load.ts';

type Acquired = Found | Leased | NotFound;

/** `cache.acquire`, `cache.fulfil` and `cache.abandon` in one call. Everything that can be refused is, before the loader runs. */
export function getOrSet<T>(
  parts: LoadParts,
  key: string,
  load: Loader<T>,
  options?: LoadOptions,
): Promise<T> {
  try {
    if (typeof load !== 'function')
      throw new UnderstudyError('INVALID_OPTION', `load: expected a function, got ${typeof load}`);
    const call = new Call(parts, key, load, planOf(options, parts.namespace?.grace));
    const { signal, deadline } = options ?? {};
    const limited = signal !== undefined || deadline !== undefined;
    return limited ? givingUp(call.value(), parts.clock, options ?? {}) : call.value();
  } catch (error) {
    return Promise.reject(error);
  }
}

/** One call of `getOrSet`. */
class Call<T> {
  readonly #parts: LoadParts;
  readonly #key: string;
  readonly #load: Loader<T>;
  readonly #plan: LoadPlan;

  constructor(parts: LoadParts, key: string, load: Loader<T>, plan: LoadPlan) {
    this.#parts = parts;
    this.#key = key;
    this.#load = load;
    this.#plan = plan;
  }

  value(): Promise<T> {
    const { softTimeout, deadline } = this.#plan;
    if (softTimeout === undefined || softTimeout >= deadline) return this.#within(deadline);
    // Who waits for another's load has the same patience. Without anything stale to answer, it must go on waiting.
    return this.#within(softTimeout).catch((error: unknown) => {
      if (isUnderstudyError(error, 'DEADLINE_EXCEEDED') && error !== this.#failure)
        return this.#within(deadline);
      throw error;
    });
  }

  /** What the load of this call failed with. */
  #failure: unknown;

  #within(deadline: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const answered = (answer: Acquired): void => {
        if (answer.found) {
          if (answer.timing !== undefined) this.#hit(answer.timing);
          resolve(answer.value as T);
        } else if ('lease' in answer) resolve(this.#loaded(answer));
        else resolve(undefined as T);
      };
      this.#parts.ref.post(this.#request(), answered, reject, { deadline });
    });
  }

  #request(): CacheMessage {
    const { stale, refreshAhead, beta, slidingMax } = this.#plan;
    const key = this.#key;
    const timing = refreshAhead !== undefined || beta !== undefined || slidingMax !== undefined;
    if (stale === 'never' && !timing) return { type: 'cache.acquire', key };
    return { type: 'cache.acquire', key, stale, timing };
  }

  /** It has the lease. */
  #loaded(leased: Leased): Promise<T> | T {
    const running = runLoad(this.#parts, this.#key, leased, this.#load, this.#plan);
    const { stale, softTimeout } = this.#plan;
    if (stale === 'never') return running;
    if (leased.stale === undefined) return running.catch((error: unknown) => this.#instead(error));
    if (stale === 'now') {
      running.catch(ignore);
      return leased.stale.value as T;
    }
    const loaded = running.catch((error: unknown) => this.#instead(error));
    return softTimeout === undefined ? loaded : this.#orAfter(softTimeout, loaded);
  }

  /** What was loaded, or what there is once that takes too long. */
  #orAfter(patience: number, loaded: Promise<T>): Promise<T> {
    const { clock } = this.#parts;
    return new Promise<T>((resolve, reject) => {
      const timer = clock.setTimeout(() => this.#present().then(resolve, ignore), patience);
      loaded.then(resolve, reject).finally(() => clock.clearTimeout(timer));
    });
  }

  /** A load failed: what there is is answered in its place. It may have been deleted meanwhile. */
  async #instead(error: unknown): Promise<T> {
    this.#failure = error;
    return this.#present().catch(() => {
      throw error;
    });
  }

  async #present(): Promise<T> {
    const message: CacheMessage = { type: 'cache.find', key: this.#key };
    const answer = await this.#parts.ref.ask<Found | NotFound>(message);
    if (!answer.found) throw new UnderstudyError('LOAD_FAILED', 'getOrSet: there is nothing stale to answer');
    return answer.value as T;
  }

  /** It is fresh; it may have to be so for longer. */
  #hit(timing: Timing): void {
    const { ref, random } = this.#parts;
    const { slidingMax, ttl = this.#parts.ttl } = this.#plan;
    if (slidingMax !== undefined) {
      const longer = slidTo(timing, ttl, slidingMax);
      if (longer !== undefined) ref.send({ type: 'cache.touch', key: this.#key, ttl: longer });
    }
    if (isDue(timing, this.#plan, 1 - random())) this.#renew();
  }

  /** Loads in the background, unless somebody else does. */
  #renew(): void {
    const renewed = (answer: Acquired): void => {
      if ('lease' in answer) runLoad(this.#parts, this.#key, answer, this.#load, this.#plan).catch(ignore);
    };
    const message: CacheMessage = { type: 'cache.acquire', key: this.#key, stale: 'now', renew: true };
    this.#parts.ref.post(message, renewed, ignore, { deadline: Infinity });
  }
}

function ignore(): void {}
