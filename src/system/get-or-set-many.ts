import { UnderstudyError } from '../runtime/errors.ts';
import { checkKey } from '../wire/keys.ts';
import { checkedTags } from '../wire/tags.ts';
import { ttlMilliseconds } from '../wire/ttl.ts';
import { BulkCall } from './bulk-call.ts';
import type { BulkLoader, BulkLoadOptions } from './bulk-loader.ts';
import { checkOptions } from './call-options.ts';
import type { LoadParts } from './run-load.ts';

const KNOWN: readonly string[] = ['ttl', 'tags', 'deadline', 'signal'];

/** Longest that a timer of Node can wait; one that is to wait longer fires at once. */
const MAX_TIMER = 2_147_483_647;

/** `cache.acquireMany`, `cache.acquire`, `cache.fulfil` and `cache.abandon` in one call. */
export async function getOrSetMany<T>(
  { ref: mail, clock, namespace }: Pick<LoadParts, 'ref' | 'clock' | 'namespace'>,
  keys: readonly string[],
  load: BulkLoader<T>,
  options: BulkLoadOptions<T> = {},
): Promise<Map<string, T>> {
  check(keys, load, options);
  const { deadline, signal } = options;
  const over = new AbortController();
  const aborted = (): void => {
    over.abort(new UnderstudyError('ABORTED', 'getOrSetMany: the caller gave up', { cause: signal?.reason }));
  };
  const late = (): void => {
    over.abort(
      new UnderstudyError('DEADLINE_EXCEEDED', `getOrSetMany: not all was loaded within ${deadline} ms`),
    );
  };
  if (signal?.aborted) aborted();
  signal?.addEventListener('abort', aborted, { once: true });
  const timer = deadline === undefined || deadline > MAX_TIMER ? undefined : clock.setTimeout(late, deadline);
  try {
    return await new BulkCall({ mail, load, options, over: over.signal, namespace }).run(new Set(keys));
  } finally {
    if (timer !== undefined) clock.clearTimeout(timer);
    signal?.removeEventListener('abort', aborted);
  }
}

/** Everything that can be refused is refused before the loader runs. */
function check<T>(keys: unknown, load: unknown, options: BulkLoadOptions<T>): void {
  if (!Array.isArray(keys)) throw new UnderstudyError('INVALID_MESSAGE', 'keys: expected an array of keys');
  for (const key of keys) checkKey(key);
  if (typeof load !== 'function') {
    throw new UnderstudyError('INVALID_OPTION', `load: expected a function, got ${typeof load}`);
  }
  checkOptions(options, KNOWN);
  const { ttl, tags, signal } = options;
  if (ttl !== undefined && typeof ttl !== 'function') ttlMilliseconds(ttl);
  if (tags !== undefined && typeof tags !== 'function') checkedTags(tags);
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new UnderstudyError('INVALID_OPTION', `signal: expected an AbortSignal, got ${typeof signal}`);
  }
}
