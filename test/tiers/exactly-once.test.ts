import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/runtime/clock.ts';
import { RedisTier } from '../../src/tiers/redis/redis-tier.ts';
import { SLOTS, slotOf } from '../../src/tiers/redis/slot.ts';
import { tagOf } from '../../src/tiers/redis/slot-tags.ts';
import type { Write } from '../../src/tiers/tier.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { startCluster } from '../servers/redis-cluster.ts';
import { startRedis } from '../servers/redis-server.ts';
import { until } from '../servers/until.ts';
import { Changes } from './changes.ts';
import { countsOnce } from './conformance/exactly-once.ts';
import { tierOptions } from './redis-tier-options.ts';
import { valuesOf } from './tier-under-test.ts';

async function standalone() {
  const redis = await startRedis();
  const topology = { kind: 'standalone' as const, address: { host: '127.0.0.1', port: redis.port } };
  return { topology, servers: [redis], stop: () => redis.stop() };
}

async function cluster() {
  const setup = await startCluster({ masters: 3, replicas: 0 });
  const nodes = setup.nodes.map(({ port }) => ({ host: '127.0.0.1', port }));
  return { topology: { kind: 'cluster' as const, nodes }, servers: setup.nodes, stop: () => setup.stop() };
}

describe.each([
  ['one server', standalone],
  ['a Cluster', cluster],
])('%s', (_name, start) => {
  let running: Awaited<ReturnType<typeof start>>;
  let tier: RedisTier;
  const time = new HybridClock(systemClock);

  countsOnce(async () => {
    running = await start();
    tier = new RedisTier(tierOptions(running.topology));
    await tier.connect();
    return {
      tier,
      time,
      timeLeft: async (key) => {
        const names = await Promise.all(
          running.servers.map((server) => server.call('PTTL', `test:${key}`).catch(() => -2)),
        );
        return Math.max(...names.map(Number));
      },
      stop: async () => {
        tier.disconnect();
        await running.stop();
      },
    };
  });

  test('what it remembers is bounded: a day, and one slip for all batches that were answered', async () => {
    const changes = new Changes(time);
    const sent = (): Write => ({ ...changes.increment('bounded', 1), receipt: 'bounded' });
    for (let batch = 0; batch < 20; batch++) await tier.write([sent(), sent()]);
    const found: string[] = [];
    for (const server of running.servers) {
      const names = await server.call('KEYS', 'test:~receipt:*bounded');
      for (const name of Array.isArray(names) ? names : []) {
        found.push(String(name));
        const ttl = Number(await server.call('PTTL', String(name)));
        expect(ttl).toBeGreaterThan(86_000_000);
        expect(ttl).toBeLessThanOrEqual(86_400_000);
        expect(String(await server.call('GET', String(name)))).toHaveLength(52);
      }
    }
    expect(found).toHaveLength(1);
  });
});

test('the server that takes over knows as well which increments were made', async () => {
  const [master, replica] = await Promise.all([startRedis(), startRedis()]);
  onTestFinished(async () => void (await Promise.all([master.stop(), replica.stop()])));
  const tierAt = async (port: number): Promise<RedisTier> => {
    const tier = new RedisTier(tierOptions({ kind: 'standalone', address: { host: '127.0.0.1', port } }));
    onTestFinished(() => tier.disconnect());
    await tier.connect();
    return tier;
  };
  const [first, changes] = [await tierAt(master.port), new Changes(new HybridClock(systemClock))];
  const direct: Write = { ...changes.increment('n', 5), receipt: 'test:1' };
  const replayed: Write = { ...changes.increment('n', 20), receipt: 'test:2' };
  const lost: Write = { ...changes.increment('n', 300), receipt: 'test:3' };
  await replica.call('REPLICAOF', '127.0.0.1', master.port);
  await first.write([direct]);
  await first.replay([replayed]);
  await until(
    'all is replicated',
    async () => (await replica.call('EXISTS', 'test:~applied:{test:n}')) === 1,
    {
      timeoutMs: 10_000,
    },
  );
  await master.kill();
  await replica.call('REPLICAOF', 'NO', 'ONE');
  const second = await tierAt(replica.port);
  await second.replay([direct, replayed, lost]);
  await second.replay([direct, replayed, lost]);
  expect(await valuesOf(second, ['n'])).toEqual([325]);
});

test('there is a short tag for each slot', () => {
  const tags = Array.from({ length: SLOTS }, (_, slot) => tagOf(slot));
  expect(tags.every((tag, slot) => slotOf(`a{${tag}}b`) === slot && tag.length <= 4)).toBe(true);
});
