import { describe, expectTypeOf, test } from 'vitest';
import type { Accepted, Cache, Entry, FoundAs, NotFound, WarmReport } from '../../src/index.ts';

interface User {
  readonly name: string;
}

declare const cache: Cache;

describe('reads', () => {
  test('a value is what the caller says it is, or nothing', () => {
    expectTypeOf(cache.get<User>('a')).resolves.toEqualTypeOf<User | undefined>();
    expectTypeOf(cache.get('a')).resolves.toEqualTypeOf<unknown>();
    expectTypeOf(cache.getMany<number>(['a'])).resolves.toEqualTypeOf<Map<string, number>>();
    expectTypeOf(cache.has('a')).resolves.toEqualTypeOf<boolean>();
  });

  test('find tells a value from nothing', async () => {
    expectTypeOf(cache.find<User>('a')).resolves.toEqualTypeOf<FoundAs<User> | NotFound>();
    const answer = await cache.find<User>('a');
    if (answer.found) expectTypeOf(answer.value).toEqualTypeOf<User>();
    // @ts-expect-error There is no value where nothing was found.
    else void answer.value;
    expectTypeOf(answer.tier).toEqualTypeOf<'memory' | 'redis' | 'postgres'>();
    expectTypeOf(answer.degraded).toEqualTypeOf<boolean>();
  });

  test('keys is a list of text', () => {
    expectTypeOf(cache.keys('a')).resolves.toEqualTypeOf<string[]>();
  });
});

describe('writes', () => {
  test('a write is accepted', () => {
    expectTypeOf(cache.set('a', 1, { ttl: '5m', deadline: 100 })).resolves.toEqualTypeOf<Accepted>();
    expectTypeOf(cache.set('a', 1, { ttl: 5_000 })).resolves.toEqualTypeOf<Accepted>();
    expectTypeOf(cache.delete('a')).resolves.toEqualTypeOf<boolean>();
    expectTypeOf(cache.deleteMany(['a'])).resolves.toEqualTypeOf<number>();
    expectTypeOf(cache.touch('a', '1h')).resolves.toEqualTypeOf<boolean>();
    expectTypeOf(cache.increment('a', 2)).resolves.toEqualTypeOf<number>();
    expectTypeOf(cache.clear()).resolves.toEqualTypeOf<number>();
  });

  test('setMany takes pairs, a Map or entries', () => {
    expectTypeOf(cache.setMany).toBeCallableWith([['a', 1]]);
    expectTypeOf(cache.setMany).toBeCallableWith(new Map([['a', 1]]));
    expectTypeOf(cache.setMany).toBeCallableWith([{ key: 'a', value: 1, ttl: '5m' }] satisfies Entry[]);
    // @ts-expect-error Text is no list of entries.
    void cache.setMany('a');
    // @ts-expect-error An entry needs a key.
    void cache.setMany([{ value: 1 }]);
  });

  test('what cannot be right is refused', () => {
    // @ts-expect-error A key is text.
    void cache.get(1);
    // @ts-expect-error A TTL is a number or text.
    void cache.set('a', 1, { ttl: {} });
    // @ts-expect-error A misspelt option.
    void cache.set('a', 1, { tll: 5_000 });
    // @ts-expect-error A read has no TTL.
    void cache.get('a', { ttl: 5_000 });
    // @ts-expect-error One adds numbers.
    void cache.increment('a', '1');
  });
});

describe('getOrSet', () => {
  test('gives what the loader gives', () => {
    expectTypeOf(cache.getOrSet('a', () => 1)).resolves.toEqualTypeOf<number>();
    expectTypeOf(cache.getOrSet('a', async () => ({ name: 'Ada' }))).resolves.toEqualTypeOf<{
      name: string;
    }>();
    expectTypeOf(cache.getOrSet('a', ({ stale }) => (stale ? 1 : 2))).resolves.toEqualTypeOf<1 | 2>();
    expectTypeOf(cache.getOrSet('a', async (context) => context.fail('x'))).resolves.toEqualTypeOf<never>();
    expectTypeOf(cache.getOrSet<User>('a', () => ({ name: 'Ada' }))).resolves.toEqualTypeOf<User>();
    expectTypeOf(
      cache.getOrSet('a', async (): Promise<User | undefined> => undefined),
    ).resolves.toEqualTypeOf<User | undefined>();
  });

  test('takes a TTL, a deadline and a signal', () => {
    void cache.getOrSet('a', () => 1, { ttl: '5m', deadline: 100, signal: AbortSignal.timeout(5) });
    // @ts-expect-error A value is no loader.
    void cache.getOrSet('a', 1);
    // @ts-expect-error A loader must give what the caller says it does.
    void cache.getOrSet<User>('a', () => 1);
  });
});

describe('getOrSetMany', () => {
  test('gives what the loader gives, by key', () => {
    const users = async (keys: readonly string[]) => new Map(keys.map((name) => [name, { name }]));
    expectTypeOf(cache.getOrSetMany(['a'], users)).resolves.toEqualTypeOf<Map<string, { name: string }>>();
    expectTypeOf(cache.getOrSetMany<User>(['a'], users)).resolves.toEqualTypeOf<Map<string, User>>();
    expectTypeOf(cache.getOrSetMany(['a'], () => [['a', 1] as const])).resolves.toEqualTypeOf<
      Map<string, 1>
    >();
    expectTypeOf(
      cache.getOrSetMany(['a'], (missing, { signal }) => {
        expectTypeOf(missing).toEqualTypeOf<readonly string[]>();
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
        return new Map<string, number>();
      }),
    ).resolves.toEqualTypeOf<Map<string, number>>();
  });

  test('takes a TTL by key and value', () => {
    const load = () => new Map<string, User>();
    void cache.getOrSetMany(['a'], load, { ttl: (key, user) => key.length + user.name.length });
    void cache.getOrSetMany(['a'], load, { ttl: '5m', deadline: 100, signal: AbortSignal.timeout(5) });
    // @ts-expect-error A loader gives pairs.
    void cache.getOrSetMany(['a'], () => [1, 2]);
    // @ts-expect-error A TTL is a number or text.
    void cache.getOrSetMany(['a'], load, { ttl: () => ({}) });
  });
});

describe('views, iteration, warming', () => {
  test('a view is a cache', () => {
    expectTypeOf(cache.for({ model: 'm', user: 7 })).toEqualTypeOf<Cache>();
    // @ts-expect-error A context is an object.
    void cache.for('user');
  });

  test('keys and entries are iterated over', async () => {
    for await (const key of cache.scan('a', { pageSize: 10 })) expectTypeOf(key).toEqualTypeOf<string>();
    for await (const [key, value] of cache.entries<User>()) {
      expectTypeOf(key).toEqualTypeOf<string>();
      expectTypeOf(value).toEqualTypeOf<User>();
    }
    for await (const [, value] of cache.entries()) expectTypeOf(value).toEqualTypeOf<unknown>();
  });

  test('entries, or keys and their loader, are warmed', () => {
    expectTypeOf(cache.warm([['a', 1]])).resolves.toEqualTypeOf<WarmReport>();
    void cache.warm(new Map([['a', 1]]), { rate: 5, concurrency: 2 });
    void cache.warm([{ key: 'a', value: 1, ttl: '5m' }]);
    void cache.warm({ keys: new Set(['a']), load: async (key) => key.length });
    // @ts-expect-error Keys need a loader.
    void cache.warm({ keys: ['a'] });
  });
});
