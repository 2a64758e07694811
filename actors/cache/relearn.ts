import type { Marker } from '../../src/tiers/markers.ts';
import type { MemoryTier } from '../../src/tiers/memory.ts';
import { marksIn } from '../../src/wire/marker.ts';
import { versionOf } from '../../src/wire/stored.ts';
import type { StoredTexts } from './read-batch.ts';
import type { Recency } from './recency.ts';
import type { CacheState } from './state.ts';

/**
 * Brings memory up to date with keys of which only Redis knows what became of them. What memory holds of them stays until
 * then: with Redis out again it is what this process saw last, and a miss would take that back. Tells how many have a value.
 */
export async function relearn(
  { memory, journal, near, time }: CacheState,
  recency: Recency,
  keys: readonly string[],
  read: (keys: readonly string[]) => Promise<StoredTexts>,
): Promise<number> {
  if (keys.length === 0) return 0;
  const asOf = recency.readBegins();
  const heardOf = near?.order ?? 0;
  let kept = 0;
  try {
    const texts = await read(keys);
    await learnMarkers(memory, keys, texts, read);
    const now = time.now();
    for (const [at, key] of keys.entries()) {
      const text = texts[at];
      if (text === undefined || journal.get(key) !== undefined || !recency.holds(key, asOf)) continue;
      if (text === null) memory.forget(key);
      else if (!journal.clears(key, versionOf(text)) && memory.markers.verdict(key, text) !== 'invalidated') {
        memory.keep(key, text, now, near?.of(key, heardOf));
        kept++;
      }
    }
  } finally {
    recency.readsEnd(1);
  }
  return kept;
}

/** What memory keeps it may have to answer by itself: what was invalidated must be known of it by then. */
async function learnMarkers(
  { markers }: MemoryTier,
  keys: readonly string[],
  texts: StoredTexts,
  read: (keys: readonly string[]) => Promise<StoredTexts>,
): Promise<void> {
  const concerned = new Set<Marker>();
  for (const [at, key] of keys.entries()) {
    const text = texts[at];
    if (typeof text !== 'string') continue;
    for (const marker of markers.dependence(key, text)?.markers ?? []) concerned.add(marker);
  }
  if (concerned.size === 0) return;
  const all = [...concerned];
  const said = await read(all.map(({ key }) => key));
  for (const [at, marker] of all.entries()) {
    const marks = marksIn(said[at] ?? '');
    if (marks === undefined) marker.missing = true;
    else marker.learn(marks);
  }
}
