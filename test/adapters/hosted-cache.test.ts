import { describe, expect, test } from 'vitest';
import { understudyDriver as bentocacheDriver } from '../../src/adapters/bentocache.ts';
import { createKeyvStore } from '../../src/adapters/keyv.ts';
import { understudyDriver as unstorageDriver } from '../../src/adapters/unstorage.ts';
import type { Understudy } from '../../src/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { SuiteRedis } from '../cache/systems.ts';
import { started } from './stands.ts';

const TEN_YEARS = 3_650 * 86_400_000;
const redis = new SuiteRedis();

/** A library's way to set a key with a TTL, and to see whether it is there. */
interface Ways {
  readonly key: string;
  /** Milliseconds of what the library counts in. */
  readonly unit: number;
  readonly set: (ttl?: number) => unknown;
  readonly has: () => unknown;
}

const libraries: Record<string, (understudy: Understudy, ttl?: string) => Ways> = {
  keyv: (understudy, ttl) => {
    const store = createKeyvStore(understudy, { ttl });
    return {
      key: 'keyv::a',
      unit: 1,
      set: (ttl) => store.set('a', 'value', ttl),
      has: () => store.has?.('a'),
    };
  },
  bentocache: (understudy, ttl) => {
    const { factory, options } = bentocacheDriver({ understudy, ttl });
    const driver = factory(options);
    return {
      key: 'bentocache:a',
      unit: 1,
      set: (ttl) => driver.set('a', 'value', ttl),
      has: async () => (await driver.get('a')) !== undefined,
    };
  },
  unstorage: (understudy, ttl) => {
    const driver = unstorageDriver({ understudy, ttl });
    return {
      key: 'unstorage:a',
      unit: 1_000,
      set: (ttl) => driver.setItem?.('a', 'value', { ttl }),
      has: () => driver.hasItem('a', {}),
    };
  },
};

describe.each(Object.entries(libraries))('a store for %s', (_, waysOn) => {
  test('lets a value live as long as it was told, on memory alone', async () => {
    const clock = new VirtualClock();
    const ways = waysOn(await started({ clock }));
    await ways.set(60_000 / ways.unit);
    await clock.advance(59_999);
    expect(await ways.has()).toBe(true);
    await clock.advance(1);
    expect(await ways.has()).toBe(false);
  });

  test.each([
    ['none, as one that does not expire', undefined, TEN_YEARS],
    ['0, as one that does not expire', 0, TEN_YEARS],
    ['more than Understudy can', 1e15, TEN_YEARS],
    ['a fraction', 90_000.5, 90_001],
    ['a minute', 60_000, 60_000],
  ])('tells Redis how long it lives, given %s', async (_, given, expected) => {
    const ways = waysOn(await started(redis.options));
    await ways.set(given === undefined ? undefined : given / ways.unit);
    const left = await redis.pttl(ways.key);
    expect(left).toBeGreaterThan(expected - 10_000);
    expect(left).toBeLessThanOrEqual(expected);
  });

  test('may be told how long that lives which is stored without a TTL', async () => {
    const ways = waysOn(await started(redis.options), '5m');
    await ways.set();
    expect(await redis.pttl(ways.key)).toBeLessThanOrEqual(300_000);
    await ways.set(900_000 / ways.unit);
    expect(await redis.pttl(ways.key)).toBeGreaterThan(800_000);
  });

  test('what was over before it was stored is not found', async () => {
    const clock = new VirtualClock();
    const ways = waysOn(await started({ clock }));
    await ways.set(-1);
    await clock.advance(1);
    expect(await ways.has()).toBe(false);
  });
});

type Options = Record<string, unknown>;
const makers: [string, (given: Options) => unknown][] = [
  ['keyv', ({ understudy, ...options }) => createKeyvStore(understudy as never, options)],
  ['bentocache', (options) => bentocacheDriver(options as never)],
  ['unstorage', (options) => unstorageDriver(options as never)],
];

describe.each(makers)('options of a store for %s', (_, make) => {
  test.each<[Options, RegExp]>([
    [{ ttl: 'soon' }, /^ttl: .*got "soon"/],
    [{ ttl: 0 }, /^ttl: .*got 0/],
    [{ ownsUnderstudy: 'yes' }, /^ownsUnderstudy: expected a boolean, got string/],
    [{ tll: '5m' }, /^tll: unknown option; expected one of (prefix|base), ttl, ownsUnderstudy/],
    [{ understudy: undefined }, /^understudy: expected an Understudy, got undefined/],
    [{ understudy: {} }, /^understudy: expected an Understudy, got object/],
  ])('are refused where they are given: %j', async (given, message) => {
    const understudy = await started({});
    expect(() => make({ understudy, ...given })).toThrow(message);
  });

  test('the name that keys begin with must be text', async () => {
    const understudy = await started({});
    const refused = ['prefix', 'base'].filter((name) => {
      try {
        make({ understudy, [name]: 1 });
        return false;
      } catch (error) {
        return (error as Error).message === `${name}: expected a string, got number`;
      }
    });
    expect(refused).toHaveLength(1);
  });
});
