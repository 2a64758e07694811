import type { StoredTexts } from './read-batch.ts';
import type { Recency } from './recency.ts';
import type { CacheState } from './state.ts';

/**
 * Brings memory up to date with keys of which only Redis knows what became of them. What memory holds of them stays until
 * then: with Redis out again it is what this process saw last, and a miss would take that back.
 */
export async function relearn(
  { memory, journal, time }: CacheState,
  recency: Recency,
  keys: readonly string[],
  read: (keys: readonly string[]) => Promise<StoredTexts>,
): Promise<void> {
  if (keys.length === 0) return;
  const asOf = recency.readBegins();
  try {
    const texts = await read(keys);
    const now = time.now();
    for (const [at, key] of keys.entries()) {
      const text = texts[at];
      if (text === undefined || journal.get(key) !== undefined || !recency.holds(key, asOf)) continue;
      if (text === null) memory.forget(key);
      else memory.keep(key, text, now);
    }
  } finally {
    recency.readsEnd(1);
  }
}
