import { describe, expect, test } from 'vitest';
import { SuiteRedis, understudies } from './systems.ts';

const redis = new SuiteRedis();
const start = understudies();

describe.each([
  ['memory only', 'memory', () => ({})],
  ['with Redis', 'redis', () => redis.options],
] as const)('%s', (_name, tier, options) => {
  test('what was set is got, found and there; what was not is none of it', async () => {
    const { cache } = await start(options());
    await cache.set('a', { name: 'Ada', tags: ['x'] });
    expect(await cache.get('a')).toEqual({ name: 'Ada', tags: ['x'] });
    expect(await cache.has('a')).toBe(true);
    expect(await cache.find('a')).toEqual({
      found: true,
      value: { name: 'Ada', tags: ['x'] },
      tier,
      degraded: false,
      stale: false,
    });
    expect([await cache.get('b'), await cache.has('b')]).toEqual([undefined, false]);
    expect(await cache.find('b')).toEqual({ found: false, tier, degraded: false });
  });

  test.each([null, 0, '', false, [], {}, -1.5, 'text', [[null]]])('%j is a value', async (value) => {
    const { cache } = await start(options());
    await cache.set('a', value);
    expect(await cache.get('a')).toEqual(value);
    expect(await cache.has('a')).toBe(true);
    expect(await cache.find('a')).toMatchObject({ found: true, value });
    expect(await cache.getOrSet('a', () => 'loaded')).toEqual(value);
    expect(await cache.getMany(['a'])).toEqual(new Map([['a', value]]));
  });

  test('a write says how safe it is', async () => {
    const { cache } = await start(options());
    const first = await cache.set('a', 1);
    const second = await cache.set('a', 2);
    expect(first).toEqual({ tier, degraded: false, durable: tier === 'redis', version: expect.any(String) });
    expect(second.version > first.version).toBe(true);
  });

  test('the last of several writes counts, and a deletion deletes', async () => {
    const { cache } = await start(options());
    await Promise.all([cache.set('a', 1), cache.set('a', 2), cache.set('a', 3)]);
    expect(await cache.get('a')).toBe(3);
    expect([await cache.delete('a'), await cache.delete('a')]).toEqual([true, false]);
    expect(await cache.get('a')).toBeUndefined();
  });

  test('keys are kept apart, whatever is in them', async () => {
    const { cache } = await start(options());
    const keys = [
      'a',
      'a ',
      'A',
      '%61',
      'a%',
      '{a}',
      '~a',
      '%7Ea',
      'ä',
      'a\u0308',
      '😀',
      'a\0',
      '*',
      'a'.repeat(1024),
    ];
    await Promise.all(keys.map((key, at) => cache.set(key, at)));
    expect(await Promise.all(keys.map((key) => cache.get(key)))).toEqual(keys.map((_, at) => at));
  });

  test('what a caller does to a value it set changes nothing', async () => {
    const { cache } = await start(options());
    const value = { list: [1] };
    const set = cache.set('a', value);
    value.list.push(2);
    await set;
    expect(await cache.get('a')).toEqual({ list: [1] });
  });

  test('a value of a megabyte comes back', async () => {
    const { cache } = await start(options());
    const value = 'ü'.repeat(500_000);
    await cache.set('a', value);
    expect((await cache.get<string>('a')) === value).toBe(true);
  });
});

test('with Redis, every caller has a value of its own', async () => {
  const { cache } = await start(redis.options);
  await cache.set('a', { list: [1] });
  const [one, other] = await Promise.all([
    cache.get<{ list: number[] }>('a'),
    cache.get<{ list: number[] }>('a'),
  ]);
  one?.list.push(2);
  expect(other).toEqual({ list: [1] });
  expect(await cache.get('a')).toEqual({ list: [1] });
});

test('what is stored is JSON that anybody can read, and what anybody stored is read', async () => {
  const { cache } = await start(redis.options);
  await cache.set('a', { v: 1 });
  expect(JSON.parse(String(await redis.call('GET', 'understudy:a')))).toMatchObject({
    understudy: 1,
    value: { v: 1 },
    fresh: expect.any(Number),
  });
  await redis.call('SET', 'understudy:b', '{"plain":true}');
  await redis.call('SET', 'understudy:c', 'no json');
  await redis.call('RPUSH', 'understudy:d', 'a list');
  expect(await cache.get('b')).toEqual({ plain: true });
  expect(await cache.find('c')).toEqual({ found: false, tier: 'redis', degraded: false });
  expect(await cache.find('d')).toEqual({ found: false, tier: 'redis', degraded: false });
  expect(await cache.getOrSet('c', () => 'loaded')).toBe('loaded');
  expect(await cache.get('c')).toBe('loaded');
});

test('two systems on the same Redis see the same values; those with another prefix do not', async () => {
  const [one, other, stranger] = await Promise.all([
    start(redis.options),
    start(redis.options),
    start({ ...redis.options, prefix: 'stranger:' }),
  ]);
  await one.cache.set('a', 'shared');
  expect([await other.cache.get('a'), await stranger.cache.get('a')]).toEqual(['shared', undefined]);
  await other.cache.delete('a');
  expect(await one.cache.get('a')).toBeUndefined();
});
