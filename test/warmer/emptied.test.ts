import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { WarmSystem } from './warm-systems.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(async () => {
  await redis.restart();
});
afterAll(() => redis.stop());

/** The process does not remember its own writes: what comes back is what the warmer brings. */
const FORGETFUL = { failover: { maxBytes: 1 } };

async function valueInRedis(key: string): Promise<unknown> {
  const text = await redis.call('GET', `understudy:${key}`);
  return typeof text === 'string' ? JSON.parse(text).value : text;
}

test('what a Redis that comes back empty has lost of the hottest keys is put back', async () => {
  await using system = await WarmSystem.start(redis, FORGETFUL);
  await system.cache.setMany([
    ['hot', 'a'],
    ['warm', 'b'],
    ['unread', 'c'],
  ]);
  await system.ask('hot', 'hot', 'warm');
  await redis.kill();
  await system.notices();
  await redis.restart();
  expect(await system.warmed('restoring')).toMatchObject({ warmed: 2 });
  expect(system.of('redis.emptied')).toHaveLength(1);
  expect(await valueInRedis('hot')).toBe('a');
  expect(await valueInRedis('warm')).toBe('b');
  expect(await valueInRedis('unread')).toBeNull();
  expect(Number(await redis.call('PTTL', 'understudy:hot'))).toBeGreaterThan(3_500_000);
});

test('what is asked for before its turn has come is put back all the same', async () => {
  await using system = await WarmSystem.start(redis, { ...FORGETFUL, warmup: { rate: 10 } });
  await system.cache.setMany([
    ['hot', 'a'],
    ['warm', 'b'],
  ]);
  await system.ask('hot', 'hot', 'warm');
  await redis.kill();
  await system.notices();
  await redis.restart();
  await system.heard('redis.emptied');
  // Memory forgets what Redis has not.
  await system.ask('warm');
  await system.warmed('restoring');
  expect(await valueInRedis('warm')).toBe('b');
});

test('what this process deleted in between does not come back', async () => {
  await using system = await WarmSystem.start(redis, FORGETFUL);
  await system.cache.setMany([
    ['before', 1],
    ['during', 2],
    ['cleared:1', 3],
    ['kept', 4],
  ]);
  await system.ask('before', 'during', 'cleared:1', 'kept');
  await system.cache.delete('before');
  await redis.kill();
  await system.notices();
  await system.cache.delete('during');
  await system.cache.clear('cleared:');
  await redis.restart();
  await system.warmed('restoring');
  await system.heard('journal.replayed', ({ remaining }) => remaining === 0);
  expect(await system.cache.getMany(['before', 'during', 'cleared:1', 'kept'])).toEqual(
    new Map([['kept', 4]]),
  );
  expect(await valueInRedis('during')).toBeNull();
});

test('what another process deleted, before the outage or during it, does not stay', async () => {
  await using one = await WarmSystem.start(redis);
  await using other = await WarmSystem.start(redis);
  await one.cache.setMany([
    ['before', 1],
    ['during', 2],
    ['newer', 3],
    ['cleared:1', 4],
  ]);
  await one.ask('before', 'during', 'newer', 'cleared:1');
  // The first process does not hear of it, and holds what it read.
  await other.cache.delete('before');
  await other.cache.set('newer', 'by the other');
  await other.cache.clear('cleared:');
  await redis.kill();
  await Promise.all([one.notices(), other.notices()]);
  await other.cache.delete('during');
  await redis.restart();
  await Promise.all([one.warmed('restoring'), other.heard('redis.emptied')]);
  for (const system of [one, other]) {
    await expect.poll(async () => (await system.understudy.health()).cache?.journal.entries).toBe(0);
  }
  expect(await valueInRedis('before')).toBeNull();
  expect(await valueInRedis('during')).toBeNull();
  expect(await valueInRedis('cleared:1')).toBeNull();
  expect(await valueInRedis('newer')).toBe('by the other');
});

test('a Redis that comes back with its data is left alone, also where another program deleted something', async () => {
  await using system = await WarmSystem.start(redis);
  await system.cache.set('hot', 1);
  await system.ask('hot');
  await redis.call('DEL', 'understudy:hot');
  await redis.freeze();
  await system.notices();
  await redis.thaw();
  await system.heard('breaker.changed', ({ state, generation }) => state === 'closed' && generation > 2);
  // The list is read, by the one connection, before what is asked now.
  await system.understudy.ask({ type: 'warmer.status' });
  expect(await system.cache.get('hot')).toBeUndefined();
  expect(system.of('redis.emptied')).toEqual([]);
  expect(await valueInRedis('hot')).toBeNull();
});

test('a Redis that is killed while it is warmed is warmed to the end when it is back', async () => {
  await using system = await WarmSystem.start(redis, { ...FORGETFUL, warmup: { rate: 20 } });
  const keys = Array.from({ length: 20 }, (_, at) => `key ${at}`);
  await system.cache.setMany(keys.map((key) => [key, 1] as const));
  await system.ask(...keys);
  await redis.kill();
  await system.notices();
  await redis.restart();
  await system.heard('warmup.progress', ({ done }) => done > 0);
  system.events.length = 0;
  await redis.kill();
  await system.notices();
  await redis.restart();
  expect(await system.warmed('restoring')).toMatchObject({ warmed: 20 });
  expect(await Promise.all(keys.map(valueInRedis))).toEqual(keys.map(() => 1));
});
