import { systemClock } from '../../src/runtime/clock.ts';
import { RedisTier } from '../../src/tiers/redis/redis-tier.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { KeySpace } from '../../src/wire/keys.ts';
import { startRedis } from '../servers/redis-server.ts';
import { tierOptions } from './redis-tier-options.ts';
import { conformsToTierPort } from './tier-conformance.ts';
import type { TierUnderTest } from './tier-under-test.ts';

conformsToTierPort('Redis', async () => {
  const redis = await startRedis();
  const options = tierOptions({ kind: 'standalone', address: { host: '127.0.0.1', port: redis.port } });
  const space = new KeySpace(options.prefix);
  const tier = new RedisTier(options);
  await tier.connect();
  const under: TierUnderTest = {
    tier,
    time: new HybridClock(systemClock),
    timeLeft: async (key) => {
      const left = Number(await redis.call('PTTL', space.data(key)));
      return left < 0 ? undefined : left;
    },
    foreign: async (key, text) => void (await redis.call('SET', space.data(key), text)),
    wrongType: async (key) => void (await redis.call('RPUSH', space.data(key), 'item')),
    elapse: async () => {},
    clear: async () => void (await redis.call('FLUSHALL')),
    stop: async () => {
      tier.disconnect();
      await redis.stop();
    },
  };
  return under;
});
