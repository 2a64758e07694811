import type { JournalMirror } from './journal-mirror.ts';
import type { CacheStats } from './messages.ts';
import type { CacheState } from './state.ts';
import type { Tally } from './tally.ts';

/** What the cache has done and holds, for `cache.stats`. */
export function statistics(
  { memory, journal, mirror, leases, keyWatch }: CacheState,
  tally: Tally,
  waiting: number,
): CacheStats {
  const tiers = tally.reads();
  const { size: entries, bytes, replayed, superseded, refused, collapsed, aside } = journal;
  return {
    hits: tiers.memory.hits + tiers.redis.hits,
    misses: tiers.memory.misses + tiers.redis.misses,
    tiers,
    memory: { entries: memory.size, bytes: memory.bytes, evictions: memory.evictions },
    journal: {
      entries,
      bytes,
      replayed,
      superseded,
      refused,
      collapsed,
      aside: aside.size,
      store: storeOf(mirror),
    },
    leases: leases.size,
    waiting,
    ...keyWatch?.report(),
  };
}

function storeOf(mirror: JournalMirror | undefined): CacheStats['journal']['store'] {
  if (mirror === undefined) return { kind: 'memory', up: true, behind: 0, reason: '' };
  const { kind, up, behind, reason } = mirror;
  return { kind, up, behind, reason };
}
