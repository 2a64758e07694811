import { expect, test } from 'vitest';
import { createUnderstudy } from '../../src/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { SuiteRedis, understudies } from './systems.ts';

const redis = new SuiteRedis();
const start = understudies();

/** That Redis counts from a moment ago. */
function expectAbout(left: number, ttl: number): void {
  expect(left).toBeGreaterThan(ttl - 10_000);
  expect(left).toBeLessThanOrEqual(ttl);
}

test('a value lives an hour unless the system, the call or the entry says otherwise', async () => {
  const { cache } = await start(redis.options);
  const brief = await start({ ...redis.options, ttl: '5m' });
  await cache.set('default', 1);
  await cache.set('called', 1, { ttl: '2h' });
  await cache.setMany(
    [
      { key: 'of all', value: 1 },
      { key: 'of its own', value: 1, ttl: '30m' },
    ],
    { ttl: 900_000 },
  );
  await cache.getOrSet('loaded', () => 1, { ttl: '3h' });
  await brief.cache.set('of the system', 1);
  expectAbout(await redis.pttl('default'), 3_600_000);
  expectAbout(await redis.pttl('called'), 7_200_000);
  expectAbout(await redis.pttl('of all'), 900_000);
  expectAbout(await redis.pttl('of its own'), 1_800_000);
  expectAbout(await redis.pttl('loaded'), 10_800_000);
  expectAbout(await redis.pttl('of the system'), 300_000);
});

test('touch gives a new time to live, and says whether there was something to touch', async () => {
  const { cache } = await start(redis.options);
  await cache.set('a', 'kept', { ttl: '1m' });
  expect(await cache.touch('a', '2h')).toBe(true);
  expectAbout(await redis.pttl('a'), 7_200_000);
  expect(await cache.touch('a')).toBe(true);
  expectAbout(await redis.pttl('a'), 3_600_000);
  expect(await cache.get('a')).toBe('kept');
  expect(await cache.touch('none')).toBe(false);
  expect(await redis.pttl('none')).toBe(-2);
});

test('increment begins with its time to live, and keeps the one there is', async () => {
  const { cache } = await start(redis.options);
  await cache.increment('n', 1, { ttl: '1m' });
  await cache.increment('n', 1, { ttl: '2h' });
  expectAbout(await redis.pttl('n'), 60_000);
});

test('a value whose time is over is gone from Redis', async () => {
  const { cache } = await start(redis.options);
  await cache.set('a', 1, { ttl: 30 });
  await expect.poll(() => cache.get('a'), { timeout: 5_000 }).toBeUndefined();
});

test('in memory a value is there until its time is over', async () => {
  const clock = new VirtualClock();
  const { cache, stop } = await createUnderstudy({ clock }).then((understudy) => ({
    cache: understudy.cache,
    stop: () => understudy.stop(),
  }));
  await cache.set('a', 1, { ttl: '10s' });
  await cache.set('touched', 1, { ttl: '10s' });
  await cache.increment('n', 5, { ttl: '10s' });
  await clock.advance(5_000);
  await cache.touch('touched', '10s');
  await cache.increment('n', 1, { ttl: '1h' });
  await clock.advance(4_999);
  expect([await cache.get('a'), await cache.get('n')]).toEqual([1, 6]);
  await clock.advance(1);
  expect([await cache.get('a'), await cache.get('n'), await cache.get('touched')]).toEqual([
    undefined,
    undefined,
    1,
  ]);
  expect(await cache.increment('n')).toBe(1);
  await clock.advance(5_000);
  expect(await cache.has('touched')).toBe(false);
  await stop();
});
