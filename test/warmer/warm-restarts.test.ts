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

test('after a restart of the process the hottest keys are in memory before the first outage', async () => {
  {
    await using before = await WarmSystem.start(redis);
    await before.cache.setMany([
      ['hot', 1],
      ['warm', 2],
      ['cold', 3],
    ]);
    await before.ask('hot', 'hot', 'hot', 'warm', 'warm');
  }
  await using after = await WarmSystem.start(redis, { warmup: { keys: 2 } });
  expect(await after.warmed('reading')).toEqual({
    type: 'warmup.progress',
    phase: 'reading',
    done: 2,
    total: 2,
    warmed: 2,
  });
  expect(after.of('warmup.progress')[0]).toMatchObject({ done: 0, total: 2 });
  await redis.kill();
  await after.notices();
  expect(await after.cache.find('hot')).toMatchObject({ value: 1, tier: 'memory', degraded: true });
  expect(await after.cache.find('warm')).toMatchObject({ value: 2, tier: 'memory', degraded: true });
  expect(await after.cache.find('cold')).toMatchObject({ found: false });
});

test("warming is nobody's request, makes nothing hotter, and is told in health and metrics", async () => {
  {
    await using before = await WarmSystem.start(redis);
    await before.cache.set('hot', 1);
    await before.ask('hot', 'none');
  }
  await using after = await WarmSystem.start(redis);
  const hits: string[] = [];
  after.cache.on('hit', ({ key }) => hits.push(key));
  await after.warmed('reading');
  const report = await after.understudy.health();
  expect(report.stats.total_requests).toBe(0);
  expect(report.warmup).toEqual({ phase: 'idle', done: 0, total: 0, warmed: 0, read: 1, restored: 0 });
  expect((await after.understudy.ask({ type: 'cache.stats' })).hotKeys).toEqual([]);
  expect(hits).toEqual([]);
  const family = (await after.understudy.metrics()).find(
    ({ name }) => name === 'understudy_warmup_keys_total',
  );
  expect(family?.series).toMatchObject([
    { labels: { phase: 'reading' }, value: 1 },
    { labels: { phase: 'restoring' }, value: 0 },
  ]);
});

test('a process that starts while Redis is out reads the hottest keys when it is reached', async () => {
  const list = { born: 'x', at: Date.now(), keys: [['hot', 3]] };
  await redis.call('SET', 'understudy:hot', '"theirs"');
  await redis.call('SET', 'understudy:~hot', JSON.stringify(list));
  await redis.freeze();
  await using system = await WarmSystem.start(redis, { redis: { url: redis.url, connectTimeout: 50 } });
  expect(await system.cache.find('hot')).toMatchObject({ found: false, degraded: true });
  await redis.thaw();
  expect(await system.warmed('reading')).toMatchObject({ warmed: 1 });
});

test.each(['not a list', '{"born":7}'])('what is no list is no trouble: %s', async (text) => {
  await redis.call('SET', 'understudy:~hot', text);
  {
    await using system = await WarmSystem.start(redis);
    await system.cache.set('hot', 1);
    await system.ask('hot');
  }
  await using after = await WarmSystem.start(redis);
  expect(await after.warmed('reading')).toMatchObject({ total: 1, warmed: 1 });
});

test('a user who may not write to the list has a cache all the same', async () => {
  await redis.call('ACL', 'SETUSER', 'ada', 'reset', 'on', '>secret', '+@all', '&*', '~understudy:a*');
  const url = redis.url.replace('redis://', 'redis://ada:secret@');
  await using system = await WarmSystem.start(redis, { redis: { url } });
  await system.cache.set('a', 1);
  expect(await system.cache.find('a')).toMatchObject({ value: 1, tier: 'redis' });
  expect((await system.understudy.health()).actors).toContainEqual(
    expect.objectContaining({ id: 'warmer', state: 'up', restarts: 0 }),
  );
});
