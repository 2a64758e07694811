import type { CacheStats } from './messages.ts';
import type { CacheState } from './state.ts';
import type { Tally } from './tally.ts';

/** What the cache has done and holds, for `cache.stats`. */
export function statistics(
  { memory, journal, leases }: CacheState,
  tally: Tally,
  waiting: number,
): CacheStats {
  const tiers = tally.reads();
  const { size: entries, bytes, replayed, superseded, refused, aside } = journal;
  return {
    hits: tiers.memory.hits + tiers.redis.hits,
    misses: tiers.memory.misses + tiers.redis.misses,
    tiers,
    memory: { entries: memory.size, bytes: memory.bytes, evictions: memory.evictions },
    journal: { entries, bytes, replayed, superseded, refused, aside: aside.size },
    leases: leases.size,
    waiting,
  };
}
