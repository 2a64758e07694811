import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SuiteRedis, understudies } from './systems.ts';

const redis = new SuiteRedis();
const start = understudies();

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe.each([
  ['memory only', () => ({})],
  ['with Redis', () => redis.options],
  ['with Redis out', () => ({ redis: { url: 'redis://127.0.0.1:1' }, deadline: 10_000 })],
] as const)('%s', (_name, options) => {
  test('each context has keys of its own, whatever is done with them', async () => {
    const { cache } = await start(options());
    const ada = cache.for({ model: 'm', user: 'ada' });
    const bob = cache.for({ model: 'm', user: 'bob' });
    await ada.set('a', 1);
    await ada.setMany([
      { key: 'b', value: 2 },
      { key: 'c', value: 3, ttl: '5m' },
    ]);
    expect(await ada.increment('a', 4)).toBe(5);
    expect(await ada.touch('a', '2h')).toBe(true);
    expect(await ada.getOrSet('d', () => 4)).toBe(4);
    expect(await ada.getOrSetMany(['d', 'e'], (missing) => missing.map((key) => [key, 5]))).toEqual(
      new Map([
        ['d', 4],
        ['e', 5],
      ]),
    );
    expect([...(await ada.getMany(['c', 'a', 'none']))]).toEqual([
      ['c', 3],
      ['a', 5],
    ]);
    expect(await ada.find('b')).toMatchObject({ found: true, value: 2 });
    expect((await ada.keys()).sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
    for (const other of [bob, cache]) {
      expect(await other.get('a')).toBeUndefined();
      expect(await other.has('a')).toBe(false);
      expect(await other.delete('a')).toBe(false);
      expect(await other.deleteMany(['a', 'b'])).toBe(0);
    }
    expect(await ada.deleteMany(['b', 'c'])).toBe(2);
    expect(await ada.delete('d')).toBe(true);
    const report = await ada.warm(new Map([['w', 6]]));
    expect(report).toMatchObject({ stored: 1, done: 1 });
    const seen = new Map<string, unknown>();
    for await (const [key, value] of ada.entries()) seen.set(key, value);
    expect([...seen].sort()).toEqual([
      ['a', 5],
      ['e', 5],
      ['w', 6],
    ]);
  });

  test('clear takes the keys of the context alone, or those of them with a prefix', async () => {
    const { cache } = await start(options());
    const ada = cache.for({ user: 'ada' });
    const bob = cache.for({ user: 'bob' });
    for (const view of [cache, ada, bob])
      await view.setMany([
        ['a:1', 1],
        ['a:2', 2],
        ['b', 3],
      ]);
    await ada.clear('a:');
    expect(await ada.keys()).toEqual(['b']);
    await ada.clear();
    expect(await ada.keys()).toEqual([]);
    expect((await bob.keys()).sort()).toEqual(['a:1', 'a:2', 'b']);
    expect((await bob.keys('a:')).sort()).toEqual(['a:1', 'a:2']);
    expect(await cache.getMany(['a:1', 'b'])).toEqual(
      new Map([
        ['a:1', 1],
        ['b', 3],
      ]),
    );
  });

  test('what is no key is no key in a view either', async () => {
    const { cache } = await start(options());
    const view = cache.for({ user: 'ada' });
    const loose = view as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>;
    for (const key of ['', 7, undefined, null, 'a\ud83d', 'x'.repeat(960)]) {
      await expect(loose.get?.(key)).rejects.toMatchObject({ code: 'INVALID_KEY' });
      await expect(loose.getMany?.(['a', key])).rejects.toMatchObject({ code: 'INVALID_KEY' });
      await expect(
        loose.setMany?.([
          ['a', 1],
          [key, 1],
        ]),
      ).rejects.toMatchObject({ code: 'INVALID_KEY' });
      await expect(loose.getOrSetMany?.([key], () => [])).rejects.toMatchObject({ code: 'INVALID_KEY' });
    }
    await expect(loose.getMany?.('a')).rejects.toMatchObject({ code: 'INVALID_MESSAGE' });
    await view.set('x'.repeat(959), 1);
    expect(await view.keys()).toEqual(['x'.repeat(959)]);
  });
});

test('keys are stored behind the whole SHA-256 of the canonical context', async () => {
  const { cache } = await start(redis.options);
  await cache.for({ user: 'ada', model: { name: 'm', version: 2 } }).set('k', 1);
  const hash = sha256('{"model":{"name":"m","version":2},"user":"ada"}');
  expect(await redis.call('EXISTS', `understudy:${hash}:k`)).toBe(1);
});

test('a context is the same in whatever order it is given, in one view or within another', async () => {
  const { cache } = await start();
  await cache.for({ a: 1, b: { c: [2], d: null } }).set('k', 'v');
  const same = [
    cache.for({ b: { d: null, c: [2] }, a: 1 }),
    cache.for({ a: 1 }).for({ b: { c: [2], d: null } }),
    cache.for({ b: { c: [2], d: null } }).for({ a: 1 }),
    cache.for({ a: 1 }).for({ a: 1, b: { d: null, c: [2] } }),
    cache
      .for({})
      .for({ a: 1 })
      .for({ b: { c: [2], d: null } })
      .for({}),
  ];
  for (const view of same) expect(await view.get('k')).toBe('v');
  for (const view of [cache, cache.for({}), cache.for({ a: 1 })]) expect(await view.get('k')).toBeUndefined();
});

test('a view leads nowhere but further in, and what is given may change afterwards', async () => {
  const { cache } = await start();
  const context = { user: 'ada', tags: ['x'] };
  const view = cache.for(context);
  await view.set('k', 1);
  context.tags.push('y');
  context.user = 'bob';
  expect(await view.get('k')).toBe(1);
  expect(await view.for({ user: 'ada' }).get('k')).toBe(1);
  expect(() => view.for({ user: 'bob' })).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }));
});

test('two contexts share keys only when they are the same', async () => {
  const { cache } = await start({ memory: { maxEntries: 100_000 } });
  const context = fc
    .dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 })
    .map((value) => JSON.parse(JSON.stringify(value)) as object);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(context, context, fc.string({ minLength: 1 }), async (one, other, text) => {
      const key = `${text.toWellFormed()}${++run}`;
      await cache.for(one).set(key, 'mine');
      const same = isDeepStrictEqual(one, other);
      expect(await cache.for(other).get(key)).toBe(same ? 'mine' : undefined);
      expect(await cache.get(key)).toBeUndefined();
      const shuffled = Object.fromEntries(Object.entries(one).reverse());
      if (!Object.hasOwn(one, '__proto__')) expect(await cache.for(shuffled).get(key)).toBe('mine');
    }),
    { numRuns: 300 },
  );
});

test.each([
  ['text', 'ada'],
  ['a list', ['ada']],
  ['null', null],
  ['nothing', undefined],
  ['a Date', new Date()],
  ['a property without a value', { user: undefined }],
  ['NaN', { n: Number.NaN }],
  ['-0', { n: -0 }],
  ['a bigint', { n: 1n }],
  ['a Map', { map: new Map() }],
  ['a function', { f: () => 1 }],
])('%s is no context', async (_name, context) => {
  const { cache } = await start();
  const loose = cache.for.bind(cache) as (context: unknown) => unknown;
  expect(() => loose(context)).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }));
});
