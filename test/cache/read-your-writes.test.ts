import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cache } from '../../src/index.ts';
import { settled } from '../../src/testing/settled.ts';
import { SuiteRedis, understudies } from './systems.ts';

const redis = new SuiteRedis();
const start = understudies();

const KEYS = ['a', 'b', 'c'];

/** What a caller may do, and what a map would have answered. */
interface Step {
  readonly name: string;
  call(cache: Cache): Promise<unknown>;
  model(map: Map<string, unknown>): unknown;
}

const key = fc.constantFrom(...KEYS);
const number = fc.integer({ min: -3, max: 3 });

const step: fc.Arbitrary<Step> = fc.oneof(
  key.map((k) => ({
    name: `get ${k}`,
    call: (cache: Cache) => cache.get(k),
    model: (map: Map<string, unknown>) => map.get(k),
  })),
  key.map((k) => ({
    name: `has ${k}`,
    call: (cache: Cache) => cache.has(k),
    model: (map: Map<string, unknown>) => map.has(k),
  })),
  fc.tuple(key, number).map(([k, v]) => ({
    name: `set ${k} ${v}`,
    call: (cache: Cache) => cache.set(k, v).then(() => undefined),
    model: (map: Map<string, unknown>) => void map.set(k, v),
  })),
  key.map((k) => ({
    name: `delete ${k}`,
    call: (cache: Cache) => cache.delete(k),
    model: (map: Map<string, unknown>) => map.delete(k),
  })),
  key.map((k) => ({
    name: `touch ${k}`,
    call: (cache: Cache) => cache.touch(k),
    model: (map: Map<string, unknown>) => map.has(k),
  })),
  fc.tuple(key, number).map(([k, by]) => ({
    name: `increment ${k} ${by}`,
    call: (cache: Cache) => cache.increment(k, by),
    model: (map: Map<string, unknown>) => {
      const sum = Number(map.get(k) ?? 0) + by;
      map.set(k, sum);
      return sum;
    },
  })),
  fc.constant({
    name: 'getMany',
    call: async (cache: Cache) => [...(await cache.getMany(KEYS))],
    model: (map: Map<string, unknown>) => KEYS.filter((k) => map.has(k)).map((k) => [k, map.get(k)]),
  }),
);

const turns = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 });

describe.each([
  ['memory only', () => ({})],
  ['with Redis', () => redis.options],
] as const)('%s', (_name, options) => {
  test('whatever is called in whatever turn, without waiting, answers as if each had waited for the one before', async () => {
    const { cache } = await start(options());
    await fc.assert(
      fc.asyncProperty(turns, async (plan) => {
        await cache.deleteMany(KEYS);
        const map = new Map<string, unknown>();
        const expected: unknown[] = [];
        const answers: Promise<unknown>[] = [];
        for (const turn of plan) {
          for (const each of turn) {
            answers.push(each.call(cache));
            expected.push(each.model(map));
          }
          await settled();
        }
        const names = plan.flat().map(({ name }) => name);
        const got = await Promise.all(answers);
        expect(names.map((name, at) => [name, got[at]])).toEqual(
          names.map((name, at) => [name, expected[at]]),
        );
      }),
      { numRuns: 150 },
    );
  });

  test('a read behind a write of its key in the same turn sees it, in every form', async () => {
    const { cache } = await start(options());
    void cache.set('a', 'new');
    const seen = Promise.all([
      cache.get('a'),
      cache.has('a'),
      cache.find('a'),
      cache.getMany(['a']),
      cache.getOrSet('a', () => 'loaded'),
    ]);
    expect(await seen).toEqual([
      'new',
      true,
      expect.objectContaining({ value: 'new' }),
      new Map([['a', 'new']]),
      'new',
    ]);
  });

  test('a read in front of a write of its key in the same turn does not see it', async () => {
    const { cache } = await start(options());
    await cache.set('a', 'old');
    const before = cache.get('a');
    void cache.set('a', 'new');
    const between = cache.get('a');
    void cache.delete('a');
    const after = cache.get('a');
    expect(await Promise.all([before, between, after])).toEqual(['old', 'new', undefined]);
  });
});

test('what a slow reply says of a key that was changed since is not remembered', async () => {
  const { cache, ask } = await start(redis.options).then((understudy) => ({
    cache: understudy.cache,
    ask: understudy.ask.bind(understudy),
  }));
  await cache.set('a', 'old');
  const read = cache.get('a');
  await settled();
  const written = cache.set('a', 'new');
  await Promise.all([read, written]);
  expect(await cache.get('a')).toBe('new');
  expect((await ask({ type: 'cache.stats' })).memory.entries).toBe(1);
});

test('what was read once is not taken back in an outage, though the key was touched while it was read', async () => {
  const [here, elsewhere] = [await start(redis.options), await start(redis.options)];
  await here.cache.set('a', 'old');
  // Who has read a value writes a later one, however close together their clocks say that was.
  await elsewhere.cache.get('a');
  await elsewhere.cache.set('a', 'new');
  const read = here.cache.get('a');
  await settled();
  await Promise.all([here.cache.touch('a', '2h'), read]);
  expect(await read).toBe('new');
  await redis.server.kill();
  await expect
    .poll(() => here.cache.find('a'))
    .toMatchObject({ value: 'new', tier: 'memory', degraded: true });
  await redis.server.restart();
});
