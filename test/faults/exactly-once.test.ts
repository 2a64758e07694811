import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { OptionsInput } from '../../src/config/schema.ts';
import type { Understudy } from '../../src/system/understudy.ts';
import { createUnderstudy } from '../../src/system.ts';
import { type ClusterSetup, startCluster } from '../servers/redis-cluster.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { seededRandom } from '../servers/seeded-random.ts';
import { startProxy } from '../servers/tcp-proxy.ts';
import { until } from '../servers/until.ts';
import { replayed } from './replayed.ts';

let redis: RedisServer;
let cluster: ClusterSetup;
let run = 0;
beforeAll(async () => {
  [redis, cluster] = await Promise.all([startRedis(), startCluster({ masters: 3, replicas: 0 })]);
});
afterAll(() => Promise.all([redis.stop(), cluster.stop()]));

async function start(at: OptionsInput['redis']): Promise<Understudy> {
  const understudy = await createUnderstudy({ prefix: `${run}:`, redis: at });
  onTestFinished(() => understudy.stop());
  return understudy;
}

async function held(key: string): Promise<unknown> {
  const stored = await redis.call('GET', `${run}:${key}`);
  return typeof stored === 'string' ? JSON.parse(stored).value : undefined;
}

const KEYS = ['a', 'b', 'c', 'd', 'e'];

/** Increments of all keys as fast as they are answered, until told to stop. Tells what they add up to. */
function counting(understudies: readonly Understudy[]): () => Promise<Map<string, number>> {
  const sums = new Map<string, number>();
  let stopped = false;
  const count = async (understudy: Understudy, key: string, by: number): Promise<void> => {
    while (!stopped) {
      await understudy.cache.increment(key, by);
      sums.set(key, (sums.get(key) ?? 0) + by);
      // Answered in the same turn while Redis is out: others want their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const all = understudies.flatMap((understudy) =>
    KEYS.flatMap((key) => [1, 2, 3].map((by) => count(understudy, key, by))),
  );
  return async () => {
    stopped = true;
    await Promise.all(all);
    return sums;
  };
}

/** Resolves once the system has taken in so many more changes. */
async function busy(understudy: Understudy, changes: number): Promise<void> {
  for (let change = 0; change < changes; change++) {
    await understudy.cache.increment('turns');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('answers that are lost again and again, of increments and of their replays, change no count', async () => {
  run++;
  await using proxy = await startProxy(redis.port);
  const random = seededRandom(7);
  const understudy = await start({ host: '127.0.0.1', port: proxy.port });
  const other = await start({ url: redis.url });
  const finish = counting([understudy, other]);
  for (let fault = 0; fault < 40; fault++) {
    // What was asked has been done, and nobody hears of it.
    if (random() < 0.5) proxy.closeMidReply(Math.floor(random() * 5));
    else proxy.truncate(Math.floor(random() * 5));
    await busy(understudy, 20 + Math.floor(random() * 60));
  }
  await proxy.heal();
  const sums = await finish();
  await replayed(understudy);
  await replayed(other);
  expect(await Promise.all(KEYS.map(held))).toEqual(KEYS.map((key) => sums.get(key)));
});

test('a server that freezes and thaws, also while the journal is replayed, counts everything once', async () => {
  run++;
  const understudy = await start({ url: redis.url });
  const other = await start({ url: redis.url });
  const finish = counting([understudy, other]);
  for (let fault = 0; fault < 6; fault++) {
    await busy(understudy, 50);
    await redis.freeze();
    await busy(understudy, 100);
    await redis.thaw();
    if (fault % 2 === 0)
      await until('served again', async () => connectedTo(understudy), { timeoutMs: 5_000 });
  }
  const sums = await finish();
  await Promise.all([replayed(understudy), replayed(other)]);
  expect(await Promise.all(KEYS.map(held))).toEqual(KEYS.map((key) => sums.get(key)));
});

async function connectedTo(understudy: Understudy): Promise<boolean> {
  return (await understudy.ask({ type: 'circuit-breaker.status' })).state === 'closed';
}

test('nodes of a Cluster that freeze and thaw count everything once, and nothing late is written', {
  timeout: 30_000,
}, async () => {
  run++;
  const at = { cluster: { nodes: cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port })) } };
  const understudy = await start(at);
  const other = await start(at);
  const finish = counting([understudy, other]);
  const last = new Map<string, string>();
  const sets = async (round: number, part: string): Promise<void> => {
    const entries = Array.from({ length: 30 }, (_, at) => [`set ${at}`, `${round} ${part}`] as const);
    await understudy.cache.setMany(entries);
    for (const [key, value] of entries) last.set(key, value);
  };
  for (let fault = 0; fault < 6; fault++) {
    await busy(understudy, 50);
    const node = cluster.nodes[fault % 3];
    if (node === undefined) throw new Error('three nodes');
    await node.freeze();
    const late = sets(fault, 'frozen');
    await busy(understudy, 60);
    await late;
    await node.thaw();
    await sets(fault, 'thawed');
  }
  const sums = await finish();
  await Promise.all([replayed(understudy), replayed(other)]);
  const stored = async (key: string): Promise<unknown> => {
    const name = `${run}:${key}`;
    const text = await (await cluster.masterOf(name)).call('GET', name);
    return typeof text === 'string' ? JSON.parse(text).value : undefined;
  };
  expect(await Promise.all(KEYS.map(stored))).toEqual(KEYS.map((key) => sums.get(key)));
  expect(await Promise.all([...last.keys()].map(stored))).toEqual([...last.values()]);
});

test('a counter that was set, with the answer lost, keeps what others have added to it since', async () => {
  run++;
  await using proxy = await startProxy(redis.port);
  const understudy = await start({ host: '127.0.0.1', port: proxy.port });
  const other = await start({ url: redis.url, commandTimeout: 5_000 });
  await understudy.cache.set('n', 1, { ttl: '10m' });
  await other.cache.set('m', 7);
  proxy.truncate(0);
  expect(await understudy.cache.set('n', 100, { ttl: '10m' })).toMatchObject({ durable: false });
  expect(await held('n')).toBe(100);
  await proxy.refuse();
  expect(await other.cache.increment('n', 5)).toBe(105);
  // Which of the two came later is told by their clocks, that may differ by as long as it took to read that of Redis.
  const { version } = await other.cache.set('later', 1);
  await expect.poll(async () => (await understudy.cache.set('later', 2)).version > version).toBe(true);
  expect(await understudy.cache.increment('n')).toBe(101);
  await understudy.cache.touch('n', '2h');
  await understudy.cache.delete('m');
  await understudy.cache.increment('m', 2);
  await proxy.heal();
  await replayed(understudy);
  expect(await Promise.all(['n', 'm'].map(held))).toEqual([106, 2]);
  expect(await understudy.cache.get('n')).toBe(106);
  expect(Number(await redis.call('PTTL', `${run}:n`))).toBeGreaterThan(7_000_000);
});
