import type { Archive } from './archive.ts';
import type { JournalMirror } from './journal-mirror.ts';
import type { CacheStats } from './messages.ts';
import type { CacheState } from './state.ts';
import type { Tally } from './tally.ts';

/** What the cache has done and holds, for `cache.stats`. */
export function statistics(
  { memory, journal, mirror, archive, leases, keyWatch }: CacheState,
  tally: Tally,
  waiting: number,
): CacheStats {
  const { postgres, ...others } = tally.reads();
  const namespaces = tally.namespaces.report();
  const { size: entries, bytes, replayed, superseded, refused, collapsed, aside } = journal;
  return {
    hits: others.memory.hits + others.redis.hits + postgres.hits,
    misses: others.memory.misses + others.redis.misses + postgres.misses,
    tiers:
      archive === undefined
        ? others
        : { ...others, postgres: { ...postgres, misses: postgres.misses + archive.misses } },
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
    ...(archive === undefined ? {} : { archive: archiveOf(archive) }),
    ...(namespaces === undefined ? {} : { namespaces }),
    leases: leases.size,
    waiting,
    ...keyWatch?.report(),
  };
}

function archiveOf({ options, up, backlog, pruned, refused }: Archive): NonNullable<CacheStats['archive']> {
  const { size: behind, bytes, dropped, collapsed } = backlog;
  return { kind: options.kind, up, behind, bytes, dropped, collapsed, refused, pruned };
}

function storeOf(mirror: JournalMirror | undefined): CacheStats['journal']['store'] {
  if (mirror === undefined) return { kind: 'memory', up: true, behind: 0, reason: '' };
  const { kind, up, behind, reason } = mirror;
  return { kind, up, behind, reason };
}
