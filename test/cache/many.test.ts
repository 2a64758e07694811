import { describe, expect, test } from 'vitest';
import { SuiteRedis, understudies } from './systems.ts';

const redis = new SuiteRedis();
const start = understudies();

describe.each([
  ['memory only', () => ({ memory: { maxEntries: 5_000 } })],
  ['with Redis', () => redis.options],
] as const)('%s', (_name, options) => {
  test('getMany gives what there is, in the order asked for', async () => {
    const { cache } = await start(options());
    await cache.setMany([
      ['a', 1],
      ['b', null],
      ['c', 3],
    ]);
    expect([...(await cache.getMany(['c', 'none', 'a', 'b', 'c']))]).toEqual([
      ['c', 3],
      ['a', 1],
      ['b', null],
    ]);
    expect(await cache.getMany([])).toEqual(new Map());
  });

  test('as a message it answers a pair for each time a key was asked for', async () => {
    const understudy = await start(options());
    await understudy.cache.set('a', 1);
    const reply = await understudy.ask({ type: 'cache.getMany', keys: ['a', 'b', 'a'] });
    expect(reply).toEqual([
      ['a', 1],
      ['a', 1],
    ]);
  });

  test('setMany takes pairs, a Map, any iterable, and entries', async () => {
    const { cache } = await start(options());
    await cache.setMany([['pair', 1]]);
    await cache.setMany(new Map([['map', 2]]));
    await cache.setMany(
      (function* () {
        yield ['generator', 3] as const;
      })(),
    );
    await cache.setMany([{ key: 'entry', value: 4 }]);
    await cache.setMany([]);
    expect([...(await cache.getMany(['pair', 'map', 'generator', 'entry'])).values()]).toEqual([1, 2, 3, 4]);
  });

  test('setMany stores nothing when one entry is bad', async () => {
    const { cache } = await start(options());
    await cache.set('a', 'before');
    const bad = cache.setMany([
      ['a', 'after'],
      ['b', 'after'],
      ['', 'after'],
    ]);
    await expect(bad).rejects.toMatchObject({ code: 'INVALID_KEY' });
    const unfit = cache.setMany([
      ['a', 'after'],
      ['b', () => 'after'],
    ]);
    await expect(unfit).rejects.toMatchObject({ code: 'INVALID_VALUE' });
    const badTtl = cache.setMany([
      { key: 'a', value: 'after' },
      { key: 'b', value: 'after', ttl: -1 },
    ]);
    await expect(badTtl).rejects.toMatchObject({ code: 'INVALID_TTL' });
    expect(await cache.getMany(['a', 'b'])).toEqual(new Map([['a', 'before']]));
  });

  test('of the same key twice, the later entry counts', async () => {
    const { cache } = await start(options());
    await cache.setMany([
      ['a', 1],
      ['a', 2],
    ]);
    expect(await cache.get('a')).toBe(2);
  });

  test('deleteMany tells how many there were', async () => {
    const { cache } = await start(options());
    await cache.setMany([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ]);
    expect(await cache.deleteMany(['a', 'none', 'c'])).toBe(2);
    expect(await cache.deleteMany([])).toBe(0);
    expect(await cache.getMany(['a', 'b', 'c'])).toEqual(new Map([['b', 2]]));
  });

  test('thousands at once', async () => {
    const { cache } = await start(options());
    const entries = Array.from({ length: 3_000 }, (_, at) => [`key ${at}`, { at }] as const);
    await cache.setMany(entries);
    expect(await cache.getMany(entries.map(([key]) => key))).toEqual(new Map(entries));
    expect(await cache.deleteMany(entries.map(([key]) => key))).toBe(3_000);
  });
});
