import { describe, expect, test } from 'vitest';
import { SuiteRedis, understudies } from './systems.ts';

const redis = new SuiteRedis();
const start = understudies();

describe.each([
  ['memory only', () => ({})],
  ['with Redis', () => redis.options],
] as const)('%s', (_name, options) => {
  test('it begins at 0, adds 1 or what it is told, and answers the sum', async () => {
    const { cache } = await start(options());
    expect(await cache.increment('n')).toBe(1);
    expect(await cache.increment('n', 41)).toBe(42);
    expect(await cache.increment('n', -50)).toBe(-8);
    expect(await cache.increment('n', 0)).toBe(-8);
    expect(await cache.get('n')).toBe(-8);
  });

  test('concurrent increments all count, each answering a sum of its own', async () => {
    const { cache } = await start(options());
    const sums = await Promise.all(Array.from({ length: 500 }, () => cache.increment('n')));
    expect(sums.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, at) => at + 1));
    expect(await cache.get('n')).toBe(500);
  });

  test('it goes on from a number that was set, and a set replaces the count', async () => {
    const { cache } = await start(options());
    await cache.set('n', 10);
    expect(await cache.increment('n', 5)).toBe(15);
    await cache.set('n', 1);
    expect(await cache.increment('n')).toBe(2);
    await cache.delete('n');
    expect(await cache.increment('n')).toBe(1);
  });

  test.each([['text'], ['7'], [null], [1.5], [[]], [{}], [true]])(
    'of %j it is refused as NOT_A_NUMBER',
    async (value) => {
      const { cache } = await start(options());
      await cache.set('n', value);
      await expect(cache.increment('n')).rejects.toMatchObject({ code: 'NOT_A_NUMBER' });
      expect(await cache.get('n')).toEqual(value);
    },
  );

  test('a sum too large to be exact is refused', async () => {
    const { cache } = await start(options());
    await cache.set('n', Number.MAX_SAFE_INTEGER);
    await expect(cache.increment('n')).rejects.toMatchObject({ code: 'NOT_A_NUMBER' });
    expect(await cache.get('n')).toBe(Number.MAX_SAFE_INTEGER);
  });
});

test('two systems count on the same number', async () => {
  const systems = await Promise.all([start(redis.options), start(redis.options)]);
  await Promise.all(
    systems.flatMap(({ cache }) => Array.from({ length: 200 }, () => cache.increment('n', 2))),
  );
  expect(await Promise.all(systems.map(({ cache }) => cache.get('n')))).toEqual([800, 800]);
});
