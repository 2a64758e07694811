import type { Accepted, CacheMessage, Leased } from '../../actors/cache/messages.ts';
import type { Clock } from '../runtime/clock.ts';
import { isUnderstudyError, UnderstudyError } from '../runtime/errors.ts';
import type { KeyEventBus, KeyEvents } from '../runtime/key-events.ts';
import type { Namespace, Namespaces } from '../wire/namespaces.ts';
import { outputOf } from '../wire/values.ts';
import type { CacheMail } from './cache-mail.ts';
import { Load, type Loader } from './load-context.ts';
import type { LoadPlan } from './load-options.ts';

export interface LoadParts {
  readonly ref: CacheMail;
  readonly clock: Clock;
  /** Milliseconds that a value lives where nothing else is said. */
  readonly ttl: number;
  readonly keyEvents: KeyEventBus;
  readonly namespaces: Namespaces;
  /** To which all of its keys belong. */
  readonly namespace?: Namespace | undefined;
  /** In [0, 1). */
  readonly random: () => number;
}

/** The holder of a lease loads, and reports how it went. Resolves with what was loaded, whether it could be stored or not. */
export async function runLoad<T>(
  parts: LoadParts,
  key: string,
  { lease, stale }: Leased,
  load: Loader<T>,
  plan: LoadPlan,
): Promise<T> {
  const { ref, clock, keyEvents } = parts;
  const context = new Load(stale);
  const began = clock.monotonic();
  const tell = (outcome: KeyEvents['load']['outcome']): void => {
    if (keyEvents.active) keyEvents.emit('load', { key, took: clock.monotonic() - began, outcome });
  };
  const abandon = (reason: unknown, backoff?: number): void => {
    ref.send({ type: 'cache.abandon', key, lease, reason, backoff });
  };
  let value: T;
  try {
    value = await timed(parts, context, load, plan.hardTimeout);
  } catch (thrown) {
    tell('failed');
    // Without a reason the lease would be handed on, and each who waits would load in turn.
    const reason =
      thrown ?? new UnderstudyError('LOAD_FAILED', 'getOrSet: the loader rejected without saying why');
    abandon(reason, plan.stale === 'never' ? undefined : plan.backoff);
    throw reason;
  }
  tell(context.skipped ? 'skipped' : 'loaded');
  if (context.skipped) {
    abandon(undefined);
    return value;
  }
  try {
    const took = plan.beta === undefined ? undefined : Math.ceil(clock.monotonic() - began);
    const message: CacheMessage = {
      type: 'cache.fulfil',
      key,
      lease,
      ...fulfilment(value, took, context, plan, parts),
    };
    await ref.ask<Accepted>(message);
  } catch (error) {
    if (isUnderstudyError(error, 'INVALID_VALUE')) {
      abandon(error);
      throw error;
    }
    // The value is loaded and good: that it could not be kept is no reason to withhold it, and the next may load.
    abandon(undefined);
  }
  return seen(parts.namespace, value);
}

/** What is loaded is answered as whoever reads it later sees it. */
export function seen<T>(namespace: Namespace | undefined, value: T): T {
  return namespace?.schema === undefined || value === undefined
    ? value
    : (outputOf(namespace.schema, value) as T);
}

/** What the loader returned, within the hard timeout. */
async function timed<T>(
  { clock }: LoadParts,
  context: Load,
  load: Loader<T>,
  hardTimeout: number | undefined,
): Promise<T> {
  const loading = attempted(context, load);
  if (hardTimeout === undefined) return loading;
  return new Promise<T>((resolve, reject) => {
    const timer = clock.setTimeout(() => {
      const reason = new UnderstudyError(
        'DEADLINE_EXCEEDED',
        `getOrSet: the loader did not end within ${hardTimeout} ms`,
      );
      context.abort(reason);
      reject(reason);
    }, hardTimeout);
    loading.then(resolve, reject).finally(() => clock.clearTimeout(timer));
  });
}

async function attempted<T>(context: Load, load: Loader<T>): Promise<T> {
  try {
    return await load(context);
  } catch (thrown) {
    return context.unmodified(thrown) as T;
  }
}

type Fulfilment = Omit<Extract<CacheMessage, { type: 'cache.fulfil' }>, 'type' | 'key' | 'lease'>;

function fulfilment(
  value: unknown,
  took: number | undefined,
  { ttl: chosen, etag, modified, tags: named }: Load,
  { ttl: wanted, grace, jitter, negativeTtl, tags: given }: LoadPlan,
  { ttl: common, random }: LoadParts,
): Fulfilment {
  const tags = named === undefined ? given : [...(given ?? []), ...named];
  if (value === undefined) return negativeTtl === undefined ? {} : { absent: true, ttl: negativeTtl, tags };
  const lifetime = chosen ?? wanted ?? common;
  const ttl = Math.max(1, Math.round(lifetime - random() * Math.min(jitter, lifetime)));
  return { value, ttl, grace, took, etag, modified, tags };
}
