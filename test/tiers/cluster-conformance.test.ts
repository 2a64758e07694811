import { systemClock } from '../../src/runtime/clock.ts';
import { RedisTier } from '../../src/tiers/redis/redis-tier.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { KeySpace } from '../../src/wire/keys.ts';
import { startCluster } from '../servers/redis-cluster.ts';
import { tierOptions } from './redis-tier-options.ts';
import { conformsToTierPort } from './tier-conformance.ts';
import type { TierUnderTest } from './tier-under-test.ts';

conformsToTierPort('Redis Cluster', async () => {
  const cluster = await startCluster({ masters: 3, replicas: 0 });
  const nodes = cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port }));
  const options = tierOptions({ kind: 'cluster', nodes });
  const space = new KeySpace(options.prefix);
  const tier = new RedisTier(options);
  await tier.connect();
  const ask = async (command: string, key: string, ...rest: string[]): Promise<unknown> => {
    const master = await cluster.masterOf(space.data(key));
    return master.call(command, space.data(key), ...rest);
  };
  const under: TierUnderTest = {
    tier,
    time: new HybridClock(systemClock),
    timeLeft: async (key) => {
      const left = Number(await ask('PTTL', key));
      return left < 0 ? undefined : left;
    },
    foreign: async (key, text) => void (await ask('SET', key, text)),
    wrongType: async (key) => void (await ask('RPUSH', key, 'item')),
    elapse: async () => {},
    clear: async () => void (await Promise.all(cluster.nodes.map((node) => node.call('FLUSHALL')))),
    stop: async () => {
      tier.disconnect();
      await cluster.stop();
    },
  };
  return under;
});
