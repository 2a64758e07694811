import { expect, test } from 'vitest';
import type { Understudy } from '../../src/index.ts';
import { SuiteRedis, understudies } from '../cache/systems.ts';
import { untilTrusted } from '../near/near-systems.ts';

const redis = new SuiteRedis();
const start = understudies();
const options = () => ({ ...redis.options, namespaces: { users: {} } });

/** Two processes on one Redis. */
async function two(): Promise<[Understudy, Understudy]> {
  return [await start(options()), await start(options())];
}

const KEYS = Array.from({ length: 60 }, (_, at) => `key ${at}`);

test('what one invalidates is gone for another that has read it, at once', async () => {
  const [one, other] = await two();
  await one.cache.set('a', 1, { tags: ['red'] });
  await one.cache.set('users:1', 1);
  expect(await other.cache.getMany(['a', 'users:1'])).toEqual(
    new Map([
      ['a', 1],
      ['users:1', 1],
    ]),
  );
  await one.cache.invalidateTags('red');
  await one.cache.clear('users:');
  expect(await other.cache.getMany(['a', 'users:1'])).toEqual(new Map());
  await other.cache.set('a', 2, { tags: ['red'] });
  expect(await one.cache.get('a')).toBe(2);
});

test('a process that knew nothing of tags learns of them from what it reads', async () => {
  const one = await start(redis.options);
  await one.cache.set('a', 1, { tags: ['red', 'blue'] });
  await one.cache.invalidateTags('blue');
  const other = await start(redis.options);
  expect(await other.cache.get('a')).toBeUndefined();
});

test('the versions of tags come with the values: no round trip more, and one key a tag', async () => {
  const [one, other] = await two();
  await one.cache.setMany(
    KEYS.map((key) => [key, key]),
    { tags: ['red', 'blue'] },
  );
  await other.cache.getMany(KEYS);
  await redis.resetCalls();
  expect((await other.cache.getMany(KEYS)).size).toBe(KEYS.length);
  const { mget } = await redis.calls();
  expect(mget).toBe(1);
  // What it has not seen yet needs one look at the tags it finds, whatever the number of keys.
  const third = await start(options());
  await redis.resetCalls();
  expect((await third.cache.getMany(KEYS)).size).toBe(KEYS.length);
  expect((await redis.calls()).mget).toBe(2);
});

test('an invalidation is one change, however many entries bear the tag', async () => {
  const { cache } = await start(options());
  await cache.setMany(
    KEYS.map((key) => [key, key]),
    { tags: ['red'] },
  );
  await redis.resetCalls();
  await cache.invalidateTags('red');
  const { evalsha = 0, scan = 0, unlink = 0 } = await redis.calls();
  expect({ evalsha, scan, unlink }).toEqual({ evalsha: 1, scan: 0, unlink: 0 });
  await redis.resetCalls();
  await cache.clear('users:');
  expect((await redis.calls()).scan ?? 0).toBe(0);
});

test('when the marker of a tag is evicted nothing with it is trusted, and what is stored from then on is', async () => {
  const [one, other] = await two();
  await one.cache.set('a', 1, { tags: ['red'] });
  await one.cache.set('b', 1, { tags: ['blue'] });
  expect(await other.cache.get('a')).toBe(1);
  expect(await redis.call('DEL', 'understudy:~tag:red')).toBe(1);
  expect(await other.cache.getMany(['a', 'b'])).toEqual(new Map([['b', 1]]));
  // One that does not know that it is gone writes all the same.
  await one.cache.set('c', 3, { tags: ['red'] });
  expect(await other.cache.getMany(['a', 'c'])).toEqual(new Map([['c', 3]]));
});

test('a counter of a namespace that another process has cleared begins anew', async () => {
  const [one, other] = await two();
  expect(await one.cache.increment('users:n', 5)).toBe(5);
  expect(await other.cache.increment('users:n', 1)).toBe(6);
  await other.cache.clear('users:');
  expect(await one.cache.increment('users:n', 2)).toBe(2);
  expect(await other.cache.get('users:n')).toBe(2);
  await other.cache.clear('users:');
  expect(await one.cache.touch('users:n')).toBe(false);
});

test('what is loaded while another process invalidates its tag is not stored', async () => {
  const [one, other] = await two();
  const loaded = await one.cache.getOrSet(
    'a',
    async () => {
      await other.cache.invalidateTags('red');
      return 'old';
    },
    { tags: ['red'] },
  );
  expect(loaded).toBe('old');
  expect(await other.cache.get('a')).toBeUndefined();
  expect(await one.cache.get('a')).toBeUndefined();
});

test('memory in place of Redis hears of invalidations', async () => {
  const near = { ...options(), near: true };
  const [one, other] = [await start(near), await start(near)];
  await untilTrusted(one, other);
  await one.cache.set('a', 1, { tags: ['red'] });
  await one.cache.set('users:1', 1);
  const fromMemory = async (key: string): Promise<boolean> => {
    const found = await other.cache.find(key);
    return found.found && found.tier === 'memory';
  };
  await expect.poll(() => fromMemory('a')).toBe(true);
  await expect.poll(() => fromMemory('users:1')).toBe(true);
  await one.cache.invalidateTags('red');
  await one.cache.clear('users:');
  await expect.poll(() => other.cache.getMany(['a', 'users:1'])).toEqual(new Map());
});
