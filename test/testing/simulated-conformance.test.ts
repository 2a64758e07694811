import { describe } from 'vitest';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { countsOnce } from '../tiers/conformance/exactly-once.ts';
import { sharesLeases } from '../tiers/conformance/leases.ts';
import { conformsToTierPort } from '../tiers/tier-conformance.ts';
import { simulated } from './simulated-tier.ts';

async function start(prefix?: string) {
  const { clock, redis, tier } = await simulated(prefix === undefined ? {} : { prefix });
  return {
    tier,
    time: new HybridClock(clock),
    timeLeft: async (key: string) => redis.timeLeft(key),
    foreign: async (key: string, text: string) => redis.put(key, text),
    wrongType: async (key: string) => {
      redis.put(key, 'text');
      redis.corrupt(key, 'list');
    },
    elapse: (milliseconds: number) => clock.advance(milliseconds),
    clear: async () => redis.flush(),
    stop: async () => tier.disconnect(),
  };
}

conformsToTierPort('a simulated Redis', start);
describe.each(['test:', '{test}:'])('a simulated Redis, prefix %s', (prefix) => {
  describe('leases', () => sharesLeases(() => start(prefix)));
  describe('increments', () => countsOnce(() => start(prefix)));
});
