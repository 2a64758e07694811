import type { MemoryTier } from '../../src/tiers/memory.ts';
import type { HybridClock } from '../../src/wire/hybrid-clock.ts';
import type { Journal } from './journal.ts';
import type { LeaseTable } from './lease-table.ts';
import type { Reassertion } from './reassertion.ts';

/** What the cache actor keeps. It belongs to the system: a restarted actor finds it as its predecessor left it. */
export interface CacheState {
  readonly memory: MemoryTier;
  readonly journal: Journal;
  readonly leases: LeaseTable;
  readonly time: HybridClock;
  /** Knows the recent changes, where a failover may lose them. */
  readonly reassertion?: Reassertion | undefined;
  /** Whether Redis is to be asked: there is one, and its breaker is closed. */
  redisUp: boolean;
}
