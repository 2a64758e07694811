import { describe, expect, test } from 'vitest';
import { SuiteRedis, understudies } from '../cache/systems.ts';
import { compression } from './packed-systems.ts';

const redis = new SuiteRedis();
const start = understudies();

interface Value {
  list: number[];
  at?: Date;
  by?: Map<string, { n: number }>;
  bytes?: Uint8Array;
}

const plain = (): Value => ({ list: [1] });
const rich = (): Value => ({
  list: [1],
  at: new Date(0),
  by: new Map([['a', { n: 1 }]]),
  bytes: new Uint8Array([1, 2]),
});
const large = (): Value => ({ ...rich(), list: Array.from({ length: 2_000 }, () => 1) });

function spoil(value: Value | undefined): void {
  value?.list.push(2);
  value?.at?.setTime(7);
  const held = value?.by?.get('a');
  if (held !== undefined) held.n = 2;
  value?.by?.clear();
  value?.bytes?.fill(9);
}

const places = [
  ['memory only', () => ({})],
  ['with Redis', () => redis.options],
  ['with near reads', () => ({ ...redis.options, near: true })],
] as const;

const kinds = [
  ['plain', plain],
  ['rich', rich],
  ['large, opened aside', large],
] as const;

const cases = places.flatMap(([place, options]) =>
  kinds.map(([kind, make]) => [place, kind, options, make] as const),
);

describe.each(cases)('copy, %s, a value that is %s', (_place, _kind, options, make) => {
  test('what anybody does to a value that was returned, or loaded, changes nothing', async () => {
    const { cache } = await start({ ...options(), compression });
    const own = make();
    const loaded = await cache.getOrSet('a', () => own);
    expect(loaded).toBe(own);
    spoil(own);
    const waited = await Promise.all([cache.getOrSet('b', make), cache.getOrSet('b', make)]);
    for (const value of waited) spoil(value);
    expect(waited[0]).not.toBe(waited[1]);
    await cache.set('c', make(), { ttl: 60_000, grace: 60_000 });
    const expected = make();
    for (let round = 0; round < 3; round++) {
      for (const key of ['a', 'b', 'c']) {
        const several = await Promise.all([cache.get<Value>(key), cache.get<Value>(key)]);
        const found = await cache.find<Value>(key);
        const many = await cache.getMany<Value>([key, key]);
        const again = await cache.getOrSet<Value>(key, make);
        const values = [...several, found.found ? found.value : undefined, ...many.values(), again];
        for (const value of values) {
          expect(value).toEqual(expected);
          spoil(value);
        }
      }
      for await (const [, value] of cache.entries<Value>()) {
        expect(value).toEqual(expected);
        spoil(value);
      }
    }
  });
});

describe.each(places)('freeze, %s', (_place, options) => {
  test('plain values are frozen to the ground, and mutating one throws', async () => {
    const { cache } = await start({ ...options(), compression, memory: { isolation: 'freeze' } });
    await cache.set('a', plain());
    await cache.set('large', { list: Array.from({ length: 2_000 }, () => 1) });
    for (const key of ['a', 'large', 'a', 'large']) {
      const value = await cache.get<Value>(key);
      const found = await cache.find<Value>(key);
      for (const each of [value, found.found ? found.value : undefined]) {
        expect(() => each?.list.push(2)).toThrow(TypeError);
        expect(() => Object.assign(each ?? {}, { other: 1 })).toThrow(TypeError);
      }
    }
    expect(await cache.get('a')).toEqual(plain());
  });

  test('what cannot be frozen is copied', async () => {
    const { cache } = await start({ ...options(), memory: { isolation: 'freeze' } });
    await cache.set('a', rich());
    for (let round = 0; round < 3; round++) {
      const value = await cache.get<Value>('a');
      expect(value).toEqual(rich());
      spoil(value);
    }
  });

  test('falsy values are values', async () => {
    const { cache } = await start({ ...options(), memory: { isolation: 'freeze' } });
    for (const value of [null, 0, '', false]) {
      await cache.set('a', value);
      expect(await cache.get('a')).toBe(value);
    }
  });
});

test('shared: memory hands out one object, and trusts those who get it', async () => {
  const { cache } = await start({ memory: { isolation: 'shared' } });
  await cache.set('a', rich());
  const one = await cache.get<Value>('a');
  expect(await cache.get('a')).toBe(one);
});
