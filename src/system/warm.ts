import type { CacheMessage, CacheProtocol } from '../../actors/cache/messages.ts';
import type { Clock } from '../runtime/clock.ts';
import { isUnderstudyError, UnderstudyError } from '../runtime/errors.ts';
import { inParallel } from '../runtime/in-parallel.ts';
import { Pace } from '../runtime/pace.ts';
import type { ReplyOf } from '../runtime/protocol.ts';
import { ttlMilliseconds } from '../wire/ttl.ts';
import type { CacheMail } from './cache-mail.ts';
import { checkOptions } from './call-options.ts';
import type { WarmEntries, WarmKeys, WarmOptions, WarmReport } from './warm-options.ts';
import { type WarmItem, warmSourceOf } from './warm-source.ts';

const KNOWN: readonly string[] = ['concurrency', 'rate', 'ttl', 'onProgress', 'signal'];
const MAX_CONCURRENCY = 10_000;
/** Errors that are reported whole. */
const MOST_FAILURES = 16;
/** Codes of errors after which the next entry would fare no better. */
const FINAL: readonly string[] = ['STOPPING', 'ACTOR_UNAVAILABLE'];

/** Fills the cache with what is missing there. Each entry has a lease of its own, so nothing newer is overwritten. */
export async function warm(
  { mail, clock }: { readonly mail: CacheMail; readonly clock: Clock },
  given: WarmEntries | WarmKeys,
  options: WarmOptions = {},
): Promise<WarmReport> {
  check(options);
  const { concurrency = 32, rate = 1_000, onProgress, signal } = options;
  const { items, total } = warmSourceOf(given);
  const failures: { key: string; error: unknown }[] = [];
  const counts = { stored: 0, present: 0, none: 0, overtaken: 0, errors: 0 };
  let done = 0;
  await inParallel(paced(items, new Pace(rate, clock), signal), concurrency, async (item) => {
    try {
      counts[await fill(mail, item, options)]++;
    } catch (error) {
      if (isUnderstudyError(error) && FINAL.includes(error.code)) throw error;
      // Who ends the warming ends its loads.
      if (signal?.aborted) return;
      counts.errors++;
      if (failures.length < MOST_FAILURES) failures.push({ key: item.key, error });
    }
    done++;
    onProgress?.({ done, total, errors: counts.errors });
  });
  return { done, total, ...counts, failures, aborted: signal?.aborted ?? false };
}

/** The items, each when its time has come, until the signal aborts. */
async function* paced(
  items: AsyncIterable<WarmItem>,
  pace: Pace,
  signal: AbortSignal | undefined,
): AsyncGenerator<WarmItem, void> {
  if (signal?.aborted) return;
  for await (const item of items) {
    await pace.turn(signal);
    if (signal?.aborted) return;
    yield item;
  }
}

async function fill(
  mail: CacheMail,
  { key, terms, load }: WarmItem,
  options: WarmOptions,
): Promise<'stored' | 'present' | 'none' | 'overtaken'> {
  const acquire: CacheMessage = { type: 'cache.acquireMany', keys: [key] };
  const [answer] = await mail.ask<ReplyOf<CacheProtocol, 'cache.acquireMany'>>(acquire, {
    deadline: Infinity,
  });
  if (answer === undefined || !('lease' in answer)) return 'present';
  const { lease } = answer;
  try {
    const value = await load({ signal: options.signal ?? new AbortController().signal });
    const fulfil: CacheMessage = {
      type: 'cache.fulfil',
      key,
      lease,
      value,
      ...terms,
      ttl: terms.ttl ?? options.ttl,
    };
    const { stored } = await mail.ask<ReplyOf<CacheProtocol, 'cache.fulfil'>>(fulfil);
    if (value === undefined) return 'none';
    return stored ? 'stored' : 'overtaken';
  } catch (error) {
    // Without a reason: whoever waits for the key may have better luck, and is not to fail by this.
    mail.send({ type: 'cache.abandon', key, lease });
    throw error;
  }
}

function check(options: WarmOptions & { readonly deadline?: never }): void {
  checkOptions(options, KNOWN);
  const { concurrency, rate, ttl, onProgress, signal } = options;
  if (
    concurrency !== undefined &&
    !(Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= MAX_CONCURRENCY)
  )
    throw refused('concurrency', `a whole number from 1 to ${MAX_CONCURRENCY}`, concurrency);
  if (rate !== undefined && !(typeof rate === 'number' && rate > 0))
    throw refused('rate', 'entries a second above 0', rate);
  if (ttl !== undefined) ttlMilliseconds(ttl);
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw refused('onProgress', 'a function', onProgress);
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw refused('signal', 'an AbortSignal', signal);
}

function refused(name: string, expected: string, given: unknown): UnderstudyError {
  const shown = typeof given === 'number' ? given : `a ${typeof given}`;
  return new UnderstudyError('INVALID_OPTION', `${name}: expected ${expected}, got ${shown}`);
}
