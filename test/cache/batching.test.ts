import { expect, test } from 'vitest';
import { parseInfo } from '../servers/redis-info.ts';
import { startProxy } from '../servers/tcp-proxy.ts';
import { SuiteRedis, understudies } from './systems.ts';

const redis = new SuiteRedis();
const start = understudies();

const keys = (count: number): string[] => Array.from({ length: count }, (_, at) => `key ${at}`);

/** Calls of the data commands that `work` led to. */
async function trips(work: () => Promise<unknown>): Promise<{ mget: number; evalsha: number; eval: number }> {
  await redis.resetCalls();
  await work();
  const calls = await redis.calls();
  return { mget: calls.mget ?? 0, evalsha: calls.evalsha ?? 0, eval: calls.eval ?? 0 };
}

async function lookups(): Promise<number> {
  const stats = parseInfo(await redis.call('INFO', 'stats'));
  return Number(stats.get('keyspace_hits')) + Number(stats.get('keyspace_misses'));
}

test('the reads of a turn become one MGET', async () => {
  const { cache } = await start(redis.options);
  const seen = await trips(() => Promise.all(keys(60).map((key) => cache.get(key))));
  expect(seen).toEqual({ mget: 1, evalsha: 0, eval: 0 });
});

test('the writes of a turn become one script, whatever they are', async () => {
  const { cache } = await start(redis.options);
  const seen = await trips(() =>
    Promise.all([
      ...keys(40).map((key) => cache.set(key, 1)),
      cache.delete('a'),
      cache.touch('b'),
      cache.increment('c'),
      cache.setMany([
        ['d', 1],
        ['e', 1],
      ]),
      cache.deleteMany(['f', 'g']),
    ]),
  );
  expect(seen).toEqual({ mget: 0, evalsha: 1, eval: 0 });
});

test('reads and writes of one turn are one of each', async () => {
  const { cache } = await start(redis.options);
  const seen = await trips(() =>
    Promise.all(keys(30).flatMap((key) => [cache.get(key), cache.has(`x ${key}`), cache.set(`y ${key}`, 1)])),
  );
  expect(seen).toEqual({ mget: 1, evalsha: 1, eval: 0 });
});

test('calls that one reply woke are a batch again', async () => {
  const { cache } = await start(redis.options);
  const caller = async (key: string): Promise<void> => {
    for (let count = 0; count < 10; count++) await cache.get(key);
  };
  const seen = await trips(() => Promise.all(keys(50).map(caller)));
  expect(seen.mget).toBe(10);
});

test('identical reads share one slot', async () => {
  const { cache } = await start(redis.options);
  await cache.set('a', { v: 1 });
  const before = await trips(async () => {
    const values = await Promise.all(Array.from({ length: 1_000 }, () => cache.get('a')));
    expect(values.every((value) => JSON.stringify(value) === '{"v":1}')).toBe(true);
  });
  expect(before.mget).toBe(1);
  expect(await lookups()).toBe(1);
});

test('a batch has at most so many keys', async () => {
  const { cache } = await start({ ...redis.options, batch: { maxKeys: 10 } });
  expect((await trips(() => Promise.all(keys(95).map((key) => cache.get(key))))).mget).toBe(10);
  expect((await trips(() => cache.getMany(keys(95)))).mget).toBe(10);
  expect((await trips(() => cache.setMany(keys(95).map((key) => [key, 1])))).evalsha).toBe(10);
});

test('by default that is 64', async () => {
  const { cache } = await start(redis.options);
  expect((await trips(() => cache.getMany(keys(200)))).mget).toBe(4);
  expect((await trips(() => cache.setMany(keys(200).map((key) => [key, 1])))).evalsha).toBe(4);
});

test('a batch of writes has at most so many bytes, unless a single value has more', async () => {
  const { cache } = await start({ ...redis.options, batch: { maxBytes: 10_000 } });
  const of = (length: number) => keys(12).map((key) => [key, 'x'.repeat(length)] as const);
  expect((await trips(() => cache.setMany(of(4_000)))).evalsha).toBe(6);
  expect((await trips(() => cache.setMany(of(20_000)))).evalsha).toBe(12);
  expect(await cache.get('key 11')).toHaveLength(20_000);
});

test('where values have turned out large, a batch of reads has fewer keys', async () => {
  const { cache } = await start({ ...redis.options, batch: { maxBytes: 20_000 } });
  await cache.setMany(keys(60).map((key) => [key, 'x'.repeat(5_000)]));
  for (let count = 0; count < 40; count++) await cache.getMany(keys(3));
  expect((await trips(() => cache.getMany(keys(60)))).mget).toBeGreaterThanOrEqual(15);
});

test('several batches are under way at a time', async () => {
  await using proxy = await startProxy(redis.server.port);
  const through = {
    ...redis.options,
    redis: { ...redis.options.redis, url: `redis://127.0.0.1:${proxy.port}` },
  };
  const { cache } = await start({ ...through, batch: { maxKeys: 10 } });
  proxy.latency(100);
  const began = performance.now();
  await cache.getMany(keys(200));
  // One after the other, 20 batches would take 2 s.
  expect(performance.now() - began).toBeLessThan(1_000);
});

test('no more batches are under way than allowed', async () => {
  await using proxy = await startProxy(redis.server.port);
  const through = {
    ...redis.options,
    redis: { ...redis.options.redis, url: `redis://127.0.0.1:${proxy.port}` },
  };
  const { cache } = await start({ ...through, batch: { maxKeys: 10, maxInFlight: 2 } });
  proxy.latency(40);
  const began = performance.now();
  await cache.getMany(keys(100));
  expect(performance.now() - began).toBeGreaterThanOrEqual(190);
});

test('a loader that many wait for costs a read, a lease and a write', async () => {
  const { cache } = await start(redis.options);
  const seen = await trips(() =>
    Promise.all(Array.from({ length: 500 }, () => cache.getOrSet('cold', async () => 'loaded'))),
  );
  expect([seen.mget, seen.evalsha]).toEqual([1, 2]);
});
