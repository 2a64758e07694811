import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { cached } from '../../src/adapters/cached.ts';
import { createUnderstudy } from '../../src/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { SuiteRedis, understudies } from '../cache/systems.ts';

const redis = new SuiteRedis();
const start = understudies();

interface Query {
  readonly id: string;
  readonly fields?: readonly string[];
}

describe.each([
  ['memory only', () => ({})],
  ['with Redis', () => redis.options],
  ['with Redis out', () => ({ redis: { url: 'redis://127.0.0.1:1', connectTimeout: 50 } })],
] as const)('%s', (_name, options) => {
  test('equal arguments run the function once, whatever the order of their properties', async () => {
    const fn = vi.fn(async (query: Query, _more: object) => ({ loaded: query.id }));
    const load = cached(await start(options()), fn, { name: 'load' });
    expect(await load({ id: 'a', fields: ['x'] }, { b: 1, a: 2 })).toEqual({ loaded: 'a' });
    expect(await load({ fields: ['x'], id: 'a' }, { a: 2, b: 1 })).toEqual({ loaded: 'a' });
    expect(fn).toHaveBeenCalledOnce();
    expect(await load({ id: 'a' }, { b: 1, a: 2 })).toEqual({ loaded: 'a' });
    expect(fn).toHaveBeenCalledTimes(2);
  });

  test('a thousand calls at once run it once', async () => {
    const fn = vi.fn(async (id: string) => {
      await new Promise((resolve) => setImmediate(resolve));
      return `${id} loaded`;
    });
    const load = cached(await start(options()), fn, { name: 'load' });
    const results = await Promise.all(Array.from({ length: 1_000 }, () => load('a')));
    expect(new Set(results)).toEqual(new Set(['a loaded']));
    expect(fn).toHaveBeenCalledOnce();
  });

  test('functions of different names are kept apart, also where keys could read alike', async () => {
    const understudy = await start(options());
    const key = (id: string) => id;
    const one = cached(understudy, async (id: string) => `one ${id}`, { name: 'a', key });
    const other = cached(understudy, async (id: string) => `other ${id}`, { name: 'a.b', key });
    expect([await one('b:c'), await other('c'), await one('b.c')]).toEqual(['one b:c', 'other c', 'one b.c']);
  });

  test('invalidate forgets one result, refresh loads it anew', async () => {
    let version = 0;
    const load = cached(await start(options()), async (id: string) => `${id} ${++version}`, { name: 'load' });
    expect([await load('a'), await load('b'), await load('a')]).toEqual(['a 1', 'b 2', 'a 1']);
    expect([await load.invalidate('a'), await load.invalidate('a')]).toEqual([true, false]);
    expect([await load('a'), await load('b')]).toEqual(['a 3', 'b 2']);
    expect(await load.refresh('a')).toBe('a 4');
    expect(await load('a')).toBe('a 4');
  });

  test('what is loaded while its result is invalidated or refreshed is not kept', async () => {
    const loads: ((value: string) => void)[] = [];
    const load = cached(await start(options()), () => new Promise<string>((resolve) => loads.push(resolve)), {
      name: 'load',
    });
    const before = load();
    await vi.waitFor(() => expect(loads).toHaveLength(1));
    await load.invalidate();
    const refreshed = load.refresh();
    await vi.waitFor(() => expect(loads).toHaveLength(2));
    loads[1]?.('new');
    expect(await refreshed).toBe('new');
    loads[0]?.('old');
    expect(await before).toBe('old');
    expect(await load()).toBe('new');
  });

  test('a failure is everybody’s and is not kept', async () => {
    const failure = new Error('of the function');
    const fn = vi.fn(async () => 'loaded').mockRejectedValueOnce(failure);
    const load = cached(await start(options()), fn, { name: 'load' });
    await expect(load()).rejects.toBe(failure);
    expect(await load()).toBe('loaded');
  });

  test('null, false, 0 and the empty text are results; undefined is none', async () => {
    const fn = vi.fn(async (value: unknown) => value);
    const load = cached(await start(options()), fn, { name: 'load' });
    for (const value of [null, false, 0, ''])
      expect([await load(value), await load(value)]).toEqual([value, value]);
    expect(fn).toHaveBeenCalledTimes(4);
    expect([await load(undefined), await load(undefined)]).toEqual([undefined, undefined]);
    expect(fn).toHaveBeenCalledTimes(6);
  });
});

test('two systems on one Redis share results, and forget them together', async () => {
  const fn = vi.fn(async (id: string) => `${id} loaded`);
  const [here, there] = [
    cached(await start(redis.options), fn, { name: 'load' }),
    cached(await start(redis.options), fn, { name: 'load' }),
  ];
  expect([await here('a'), await there('a')]).toEqual(['a loaded', 'a loaded']);
  expect(fn).toHaveBeenCalledOnce();
  await there.invalidate('a');
  await here('a');
  expect(fn).toHaveBeenCalledTimes(2);
});

test('this is that of the call, for the function and for its key', async () => {
  const fn = async function (this: { readonly base: number }, by: number) {
    return this.base + by;
  };
  const add = cached(await start(), fn, {
    name: 'add',
    key(by) {
      return `${this.base}+${by}`;
    },
  });
  const [one, ten] = [
    { base: 1, add },
    { base: 10, add },
  ];
  expect([await one.add(1), await ten.add(1), await one.add(1)]).toEqual([2, 11, 2]);
  expect(add.key.call(ten, 1)).toBe('cached:add:10+1');
  expect(await add.refresh.call(ten, 5)).toBe(15);
  expect(await add.invalidate.call(ten, 5)).toBe(true);
});

test('without an object there is no this, neither for a call nor for what is done with its result', async () => {
  const seen: unknown[] = [];
  const fn = async function (this: unknown) {
    seen.push(this);
    return 1;
  };
  const load = cached(await start(), fn, { name: 'load' });
  await load();
  await load.refresh();
  expect(seen).toEqual([undefined, undefined]);
});

test('a result lives as long as the option says', async () => {
  const clock = new VirtualClock();
  const understudy = await createUnderstudy({ clock });
  onTestFinished(() => understudy.stop());
  const fn = vi.fn(async () => 'loaded');
  const load = cached(understudy, fn, { name: 'load', ttl: '1m' });
  await load();
  await clock.advance(59_000);
  await load();
  expect(fn).toHaveBeenCalledOnce();
  await clock.advance(1_001);
  await load();
  expect(fn).toHaveBeenCalledTimes(2);
});

test('a call waits no longer than the deadline, and the load goes on for the others', async () => {
  const clock = new VirtualClock();
  const understudy = await createUnderstudy({ clock });
  onTestFinished(() => understudy.stop());
  let finish = (_value: string): void => {};
  const fn = vi.fn(() => new Promise<string>((resolve) => (finish = resolve)));
  const load = cached(understudy, fn, { name: 'load', deadline: 1_000 });
  const late = expect(load()).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  await clock.advance(1_001);
  await late;
  finish('loaded');
  await vi.waitFor(async () => expect(await understudy.cache.get(load.key())).toBe('loaded'));
  expect(await load()).toBe('loaded');
  expect(fn).toHaveBeenCalledOnce();
});

describe('the key', () => {
  test('is the name and the whole SHA-256 of the arguments', async () => {
    const load = cached(await start(), async (..._args: unknown[]) => 1, { name: 'load' });
    expect(load.key()).toMatch(/^cached:load:[0-9a-f]{64}$/);
  });

  test('is the same exactly for equal arguments', async () => {
    const load = cached(await start(), async (..._args: unknown[]) => 1, { name: 'load' });
    const argument = fc.oneof(
      fc.constantFrom<unknown>(undefined, null, NaN, 0, -0, 1, 1n, '1', '', true, 'true'),
      fc.constantFrom(0, 1).map((time) => new Date(time)),
      fc.object({
        maxDepth: 1,
        key: fc.constantFrom('a', 'b'),
        values: [fc.constantFrom(undefined, null, 1)],
      }),
      fc.array(fc.constantFrom<unknown>(undefined, null, 1, 'a'), { maxLength: 2 }),
    );
    const args = fc.array(argument, { maxLength: 2 });
    let equal = 0;
    fc.assert(
      fc.property(args, args, (one, other) => {
        const same = isDeepStrictEqual(one, other);
        if (same) equal++;
        expect(load.key(...one) === load.key(...other)).toBe(same);
      }),
      { numRuns: 3_000 },
    );
    expect(equal).toBeGreaterThan(20);
  });

  test.each<[string, unknown]>([
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['an instance', new URL('https://example.org')],
    ['bytes', Buffer.from('a')],
  ])('%s as an argument rejects, and the function does not run', async (_what, argument) => {
    const fn = vi.fn(async (_argument: unknown) => 1);
    const load = cached(await start(), fn, { name: 'load' });
    const refused = { code: 'INVALID_KEY', message: expect.stringContaining('arguments[0]: expected') };
    await expect(load(argument)).rejects.toMatchObject(refused);
    await expect(load.invalidate(argument)).rejects.toMatchObject(refused);
    await expect(load.refresh(argument)).rejects.toMatchObject(refused);
    expect(() => load.key(argument)).toThrow(expect.objectContaining(refused));
    expect(fn).not.toHaveBeenCalled();
  });

  test.each([
    ['an empty text', '', 'got an empty string'],
    ['a number', 7, 'got a value of type number'],
  ])('%s from the key function rejects', async (_what, key, message) => {
    // @ts-expect-error Not all of these are text.
    const load = cached(await start(), async () => 1, { name: 'load', key: () => key });
    await expect(load()).rejects.toMatchObject({
      code: 'INVALID_KEY',
      message: expect.stringContaining(message),
    });
  });
});

test('the function keeps its name and how many parameters it has', async () => {
  async function price(_article: string, _currency: string): Promise<number> {
    return 1;
  }
  const wrapped = cached(await start(), price, { name: 'load' });
  expect([wrapped.name, wrapped.length]).toEqual(['price', 2]);
});

test.each<[string, object, string, string]>([
  [
    'no name',
    {},
    'INVALID_OPTION',
    'name: expected 1 to 128 characters without a colon, got a value of type undefined',
  ],
  ['an empty name', { name: '' }, 'INVALID_OPTION', 'got ""'],
  ['a name with a colon', { name: 'a:b' }, 'INVALID_OPTION', 'got "a:b"'],
  ['a long name', { name: 'x'.repeat(129) }, 'INVALID_OPTION', '1 to 128 characters'],
  ['a misspelt option', { name: 'a', tll: 1 }, 'INVALID_OPTION', 'tll: unknown option'],
  ['a key that is no function', { name: 'a', key: 'id' }, 'INVALID_OPTION', 'key: expected a function'],
  [
    'a deadline that is none',
    { name: 'a', deadline: -1 },
    'INVALID_OPTION',
    'deadline: expected milliseconds',
  ],
  ['a TTL that is none', { name: 'a', ttl: 0 }, 'INVALID_TTL', 'ttl: expected'],
])('%s is refused at once', async (_what, options, code, message) => {
  const understudy = await start();
  // @ts-expect-error Not all of these are options.
  expect(() => cached(understudy, async () => 1, options)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) }),
  );
});

test('what is no function is refused', async () => {
  const understudy = await start();
  // @ts-expect-error It is none.
  expect(() => cached(understudy, 'load', { name: 'a' })).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: 'fn: expected a function, got a value of type string',
    }),
  );
});
