import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { MemoryTier } from '../../src/tiers/memory.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { expiryOf } from '../../src/wire/stored.ts';
import { conformsToTierPort } from './tier-conformance.ts';
import type { TierUnderTest } from './tier-under-test.ts';

conformsToTierPort('memory', async () => {
  const clock = new VirtualClock();
  const time = new HybridClock(clock);
  const make = (): MemoryTier =>
    new MemoryTier({ maxEntries: 5_000, maxBytes: 1e9, isolation: 'copy', foreignTtl: 60_000 }, time);
  let tier = make();
  const under: TierUnderTest = {
    get tier() {
      return tier;
    },
    time,
    timeLeft: async (key) => {
      const stored = tier.read([key])[0];
      return typeof stored === 'string' ? (expiryOf(stored) ?? Number.NaN) - time.now() : undefined;
    },
    foreign: async (key, text) => tier.keep(key, text, time.now()),
    elapse: (milliseconds) => clock.advance(milliseconds),
    clear: async () => {
      tier = make();
    },
    stop: async () => {},
  };
  return under;
});
