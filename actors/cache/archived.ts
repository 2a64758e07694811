import type { Outcome, TierName, Write } from '../../src/tiers/tier.ts';
import { expiryOf } from '../../src/wire/stored.ts';
import type { Archive } from './archive.ts';
import type { CacheState } from './state.ts';

/** Has the durable tier follow a change that was accepted. */
export function archived(
  archive: Archive,
  { memory, time }: CacheState,
  write: Write,
  outcome: Extract<Outcome, { status: 'done' }>,
  tier: TierName,
): void {
  const relative = write.op === 'touch' || write.op === 'increment';
  if (write.op === 'touch' && outcome.existed === false) return;
  if (!relative || tier === 'redis') {
    archive.changed(write);
    return;
  }
  // What it led to is known here, and may have left memory by the time it goes.
  const now = time.now();
  const stored = memory.kept(write.key, now);
  if (stored !== undefined) archive.holds(write.key, stored, (expiryOf(stored) ?? now) - now);
}
