import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HotKeys } from '../../actors/cache/hot-keys.ts';
import { LargeKeys } from '../../actors/cache/large-keys.ts';
import type { Understudy } from '../../src/index.ts';
import { SuiteRedis, understudies } from './systems.ts';

const redis = new SuiteRedis();
const start = understudies();

test('counts are too high by no more than their error, and what is asked for often is among them', () => {
  const asked = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 400 });
  fc.assert(
    fc.property(asked, fc.integer({ min: 1, max: 12 }), (numbers, size) => {
      const hot = new HotKeys(size);
      const exact = new Map<string, number>();
      for (const number of numbers) {
        // Low numbers more often than high ones.
        const key = String(Math.floor(number ** 2 / 30));
        hot.count(key);
        exact.set(key, (exact.get(key) ?? 0) + 1);
      }
      const top = hot.top();
      const share = numbers.length / size;
      expect(top.length).toBe(Math.min(size, exact.size));
      for (const { key, count, error } of top) {
        const truth = exact.get(key) ?? 0;
        expect(count).toBeGreaterThanOrEqual(truth);
        expect(count - error).toBeLessThanOrEqual(truth);
        expect(error).toBeLessThanOrEqual(share);
      }
      const known = new Set(top.map(({ key }) => key));
      for (const [key, truth] of exact) if (truth > share) expect(known).toContain(key);
      // Each time that something was asked for is in one of the counts.
      expect(top.reduce((sum, { count }) => sum + count, 0)).toBe(numbers.length);
      expect(top.map(({ count }) => count)).toEqual(top.map(({ count }) => count).sort((a, b) => b - a));
    }),
    { numRuns: 500 },
  );
});

test('the largest of many are known, each with the length that was seen last', () => {
  const seen = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 1_000 })));
  fc.assert(
    fc.property(seen, fc.integer({ min: 1, max: 8 }), (pairs, size) => {
      const large = new LargeKeys(size);
      const each = new Map(pairs.map(([key, length]) => [String(key), length]));
      // Each key once: then the largest of all must be found.
      for (const [key, length] of each) large.saw(key, length);
      const lengths = [...each.values()].sort((a, b) => b - a);
      expect(large.top().map(({ length }) => length)).toEqual(lengths.slice(0, size));
    }),
    { numRuns: 300 },
  );
  const large = new LargeKeys(2);
  large.saw('a', 10);
  large.saw('b', 20);
  large.saw('a', 30);
  large.saw('c', 25);
  expect(large.top()).toEqual([
    { key: 'a', length: 30 },
    { key: 'c', length: 25 },
  ]);
  large.saw('a', 1);
  large.saw('d', 5);
  large.gone('c');
  expect(large.top()).toEqual([{ key: 'd', length: 5 }]);
});

describe.each([
  ['memory only', () => ({})],
  ['with Redis', () => redis.options],
  ['with Redis out', () => ({ redis: { url: 'redis://127.0.0.1:1' }, deadline: 10_000 })],
] as const)('%s', (_name, options) => {
  const stats = (understudy: Understudy) => understudy.ask({ type: 'cache.stats' });

  test('cache.stats tells the keys that were asked for most, and those of the longest values', async () => {
    const understudy = await start({ ...options(), hotKeys: { size: 4 } });
    const { cache } = understudy;
    await cache.setMany([
      ['small', 1],
      ['large', 'x'.repeat(5_000)],
      ['deleted', 'x'.repeat(9_000)],
    ]);
    await cache.getOrSet('loaded', () => 'x'.repeat(2_000));
    await cache.delete('deleted');
    for (let at = 0; at < 20; at++) await cache.get('small');
    await cache.getMany(['small', 'large']);
    await cache.find('large');
    await cache.has('large');
    await cache.getOrSetMany(['large'], () => []);
    const { hotKeys, largeKeys } = await stats(understudy);
    expect(hotKeys?.slice(0, 2)).toEqual([
      { key: 'small', count: 21, error: 0 },
      { key: 'large', count: 4, error: 0 },
    ]);
    expect(largeKeys?.map(({ key }) => key)).toEqual(['large', 'loaded', 'small']);
    expect(largeKeys?.[0]?.length).toBeGreaterThan(5_000);
    expect((await understudy.health()).cache).not.toHaveProperty('hotKeys');
    await cache.clear('l');
    expect((await stats(understudy)).largeKeys?.map(({ key }) => key)).toEqual(['small']);
  });

  test('unless it is asked for nothing is counted', async () => {
    const understudy = await start(options());
    await understudy.cache.get('a');
    const answer = await stats(understudy);
    expect(answer).not.toHaveProperty('hotKeys');
    expect(answer).not.toHaveProperty('largeKeys');
  });

  test('what is refused is not counted, and harms nobody', async () => {
    const understudy = await start({ ...options(), hotKeys: { size: 3 } });
    const loose = understudy.cache as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>;
    for (const key of ['', 7, undefined]) {
      await expect(loose.get?.(key)).rejects.toMatchObject({ code: 'INVALID_KEY' });
      await expect(loose.getMany?.([key])).rejects.toMatchObject({ code: 'INVALID_KEY' });
    }
    await expect(loose.getMany?.(7)).rejects.toMatchObject({ code: 'INVALID_MESSAGE' });
    expect(await stats(understudy)).toMatchObject({ hotKeys: [], largeKeys: [] });
  });
});

test('what another process wrote is seen when it is read', async () => {
  const understudy = await start({ ...redis.options, hotKeys: { size: 3 } });
  await redis.call('SET', 'understudy:theirs', JSON.stringify('x'.repeat(3_000)));
  await understudy.cache.get('theirs');
  const { largeKeys } = await understudy.ask({ type: 'cache.stats' });
  expect(largeKeys).toEqual([{ key: 'theirs', length: 3_002 }]);
});

test('keys are in no metric', async () => {
  const understudy = await start({ hotKeys: { size: 3 } });
  await understudy.cache.set('a-key-to-look-for', 1);
  await understudy.cache.get('a-key-to-look-for');
  expect(JSON.stringify(await understudy.metrics())).not.toContain('a-key-to-look-for');
});
