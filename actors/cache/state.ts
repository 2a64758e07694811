import type { KeyEventBus } from '../../src/runtime/key-events.ts';
import type { MemoryTier } from '../../src/tiers/memory.ts';
import type { Near } from '../../src/tiers/near.ts';
import type { HybridClock } from '../../src/wire/hybrid-clock.ts';
import type { Values } from '../../src/wire/values.ts';
import type { Archive } from './archive.ts';
import type { Journal } from './journal.ts';
import type { JournalMirror } from './journal-mirror.ts';
import type { KeyWatch } from './key-watch.ts';
import type { LeaseTable } from './lease-table.ts';
import type { Reassertion } from './reassertion.ts';

/** What the cache actor keeps. It belongs to the system: a restarted actor finds it as its predecessor left it. */
export interface CacheState {
  readonly memory: MemoryTier;
  readonly journal: Journal;
  /** Keeps the journal where it outlives the process, where such a place is configured. */
  readonly mirror?: JournalMirror | undefined;
  /** Keeps values where they outlive the process, where such a place is configured. */
  readonly archive?: Archive | undefined;
  readonly leases: LeaseTable;
  /** Tells what happens to keys. */
  readonly keyEvents: KeyEventBus;
  readonly time: HybridClock;
  /** What stored texts and values mean to each other. */
  readonly values: Values;
  /** Knows the recent changes, where a failover may lose them. */
  readonly reassertion?: Reassertion | undefined;
  /** Whether Redis is to be asked: there is one, and its breaker is closed. */
  redisUp: boolean;
  /** What of memory may be answered before Redis is asked; without it nothing is. */
  readonly near?: Near | undefined;
  /** Knows the keys that are asked for most, where somebody wants to know. */
  readonly keyWatch?: KeyWatch | undefined;
}
