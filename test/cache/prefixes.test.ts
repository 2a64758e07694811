import { describe, expect, test } from 'vitest';
import { SuiteRedis, understudies } from './systems.ts';

const redis = new SuiteRedis();
const start = understudies();

describe.each([
  ['memory only', () => ({ memory: { maxEntries: 10_000 } })],
  ['with Redis', () => ({ ...redis.options, memory: { maxEntries: 10_000 } })],
] as const)('%s', (_name, options) => {
  test('keys lists the keys with a prefix, taken literally; without one, all', async () => {
    const { cache } = await start(options());
    const keys = [
      'user:1',
      'user:2',
      'user',
      'u*',
      'u*r',
      'uber',
      'u?',
      '[u]',
      '{u}',
      '~u',
      '%u',
      'u\\',
      '漢字',
    ];
    await cache.setMany(keys.map((key) => [key, 1]));
    for (const prefix of ['user:', 'u*', 'u?', 'u\\', '[', '{', '~', '%', '漢', 'none', ''])
      expect(new Set(await cache.keys(prefix)), prefix).toEqual(
        new Set(keys.filter((key) => key.startsWith(prefix))),
      );
    expect(new Set(await cache.keys())).toEqual(new Set(keys));
  });

  test('keys finds each of thousands, once', async () => {
    const { cache } = await start(options());
    const keys = Array.from({ length: 3_500 }, (_, at) => `key:${at}`);
    await cache.setMany([...keys.map((key) => [key, 1] as const), ['other', 1]]);
    const found = await cache.keys('key:');
    expect(found).toHaveLength(3_500);
    expect(new Set(found)).toEqual(new Set(keys));
  });

  test('as a message it answers a page at a time, and a cursor to go on from', async () => {
    const understudy = await start(options());
    await understudy.cache.setMany(Array.from({ length: 1_500 }, (_, at) => [`key:${at}`, 1]));
    const found = new Set<string>();
    let pages = 0;
    let cursor: string | undefined;
    do {
      const page = await understudy.ask({ type: 'cache.keys', prefix: 'key:', cursor, limit: 200 });
      for (const key of page.keys) found.add(key);
      cursor = page.cursor;
      pages++;
    } while (cursor !== undefined);
    expect(found.size).toBe(1_500);
    expect(pages).toBeGreaterThan(4);
  });

  test('clear deletes the keys with a prefix, literally, and tells how many', async () => {
    const { cache } = await start(options());
    await cache.setMany([
      ['user:1', 1],
      ['user:2', 1],
      ['u*', 1],
      ['uber', 1],
    ]);
    expect(await cache.clear('u*')).toBe(1);
    expect(await cache.clear('user:')).toBe(2);
    expect(await cache.keys()).toEqual(['uber']);
    expect(await cache.get('user:1')).toBeUndefined();
    expect(await cache.clear()).toBe(1);
    expect(await cache.clear()).toBe(0);
    expect(await cache.keys()).toEqual([]);
  });

  test('clear of thousands, and what is set after it stays', async () => {
    const { cache } = await start(options());
    await cache.setMany(Array.from({ length: 2_500 }, (_, at) => [`key:${at}`, 1]));
    const cleared = cache.clear('key:');
    const set = cache.set('key:7', 'new');
    expect(await cleared).toBeGreaterThanOrEqual(2_499);
    await set;
    expect(await cache.keys('key:')).toEqual(['key:7']);
    expect(await cache.get('key:7')).toBe('new');
  });

  test('clear deletes everything that was set before it, though it was still on its way', async () => {
    const { cache } = await start(options());
    const entries = Array.from({ length: 5_000 }, (_, at) => [`key:${at}`, 1] as const);
    const set = cache.setMany(entries);
    const cleared = cache.clear('key:');
    await Promise.all([set, cleared]);
    expect(await cache.keys('key:')).toEqual([]);
    expect(await cache.get('key:4999')).toBeUndefined();
  });
});

test('clear and keys go through Redis page by page, and touch nobody else', async () => {
  const { cache } = await start(redis.options);
  await redis.call('SET', 'neighbour', 'untouched');
  await redis.call('SET', 'understudyish', 'untouched');
  await cache.setMany(Array.from({ length: 1_200 }, (_, at) => [`key:${at}`, 1]));
  await redis.resetCalls();
  await cache.keys();
  await cache.clear();
  const calls = await redis.calls();
  expect(calls).not.toHaveProperty('keys');
  expect(calls.scan).toBeGreaterThan(2);
  expect(await redis.call('GET', 'neighbour')).toBe('untouched');
  expect(await redis.call('GET', 'understudyish')).toBe('untouched');
});

test('a clear in one system is one in all that share the Redis', async () => {
  const [one, other] = await Promise.all([start(redis.options), start(redis.options)]);
  // Often, since it is the clocks of the two that must not decide.
  for (let round = 0; round < 20; round++) {
    await other.cache.set('a', round);
    await one.cache.clear();
    expect(await other.cache.get('a')).toBeUndefined();
  }
});

test('clears at the same time are all carried out, and none waits for its deadline', async () => {
  const understudy = await start({ ...redis.options, deadline: 2_000 });
  await understudy.cache.setMany([
    ['a1', 1],
    ['a2', 1],
    ['b', 1],
  ]);
  const clear = (prefix: string) => understudy.ask({ type: 'cache.clear', prefix });
  const answers = await Promise.all([clear('a'), clear('a1'), clear('a'), clear('b'), clear('')]);
  for (const answer of answers)
    expect(answer).toMatchObject({ tier: 'redis', degraded: false, durable: true });
  expect(await understudy.cache.keys()).toEqual([]);
});
