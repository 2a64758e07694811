import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type BulkLoader, createUnderstudy, type Understudy } from '../../src/index.ts';
import { settled } from '../../src/testing/settled.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { startProxy } from '../servers/tcp-proxy.ts';
import { SuiteRedis, understudies } from './systems.ts';

const redis = new SuiteRedis();
const start = understudies();

/** Nobody listens there. */
const DOWN = { redis: { url: 'redis://127.0.0.1:1' } };

const keysOf = (count: number): string[] => Array.from({ length: count }, (_, at) => `key ${at}`);
const loaded = (key: string): string => `value of ${key}`;
const allOf = (keys: readonly string[]): Map<string, string> =>
  new Map(keys.map((key) => [key, loaded(key)]));

/** A loader that ends when the test says so, and what it was asked for. */
function pending() {
  const asked: (readonly string[])[] = [];
  const gate = Promise.withResolvers<Map<string, unknown>>();
  const load: BulkLoader<unknown> = (missing) => {
    asked.push(missing);
    return gate.promise;
  };
  const called = () => vi.waitFor(() => expect(asked).not.toEqual([]), { timeout: 5_000 });
  return { load, asked, called, ...gate };
}

/** An origin that counts how often each key is loaded. */
function origin() {
  const loads = new Map<string, number>();
  const runs: number[] = [];
  const load: BulkLoader<string> = async (missing) => {
    runs.push(missing.length);
    for (const key of missing) loads.set(key, (loads.get(key) ?? 0) + 1);
    await settled();
    return allOf(missing);
  };
  return { load, loads, runs };
}

describe.each([
  ['memory only', () => ({ memory: { maxEntries: 20_000 } })],
  ['with Redis', () => redis.options],
  ['with Redis out', () => ({ ...DOWN, deadline: 10_000 })],
] as const)('%s', (_name, options) => {
  test('one call loads all that is missing, and what is there is not loaded', async () => {
    const { cache } = await start(options());
    await cache.set('b', 'there');
    const load = vi.fn(async (missing: readonly string[]) => allOf(missing));
    const found = await cache.getOrSetMany(['c', 'b', 'a', 'c'], load);
    expect([...found]).toEqual([
      ['c', 'value of c'],
      ['b', 'there'],
      ['a', 'value of a'],
    ]);
    expect(load.mock.calls.map(([missing]) => missing)).toEqual([['c', 'a']]);
    expect(await cache.getMany(['a', 'b', 'c'])).toEqual(new Map([...found].sort()));
    await cache.getOrSetMany(['a', 'b', 'c'], load);
    expect(load).toHaveBeenCalledOnce();
  });

  test('no keys are no load', async () => {
    const { cache } = await start(options());
    const load = vi.fn(() => []);
    expect(await cache.getOrSetMany([], load)).toEqual(new Map());
    expect(load).not.toHaveBeenCalled();
  });

  test('falsy values are values', async () => {
    const { cache } = await start(options());
    const values = new Map<string, unknown>([
      ['null', null],
      ['zero', 0],
      ['empty', ''],
      ['no', false],
    ]);
    expect(await cache.getOrSetMany([...values.keys()], () => values)).toEqual(values);
    expect(await cache.getMany([...values.keys()])).toEqual(values);
  });

  test('what the loader leaves out has no value, and its lease is given back at once', async () => {
    const understudy = await start(options());
    const load: BulkLoader<unknown> = () => [
      ['a', 1],
      ['b', undefined],
    ];
    expect(await understudy.cache.getOrSetMany(['a', 'b', 'c'], load)).toEqual(new Map([['a', 1]]));
    expect(await understudy.ask({ type: 'cache.stats' })).toMatchObject({ leases: 0 });
    expect(await understudy.cache.getMany(['a', 'b', 'c'])).toEqual(new Map([['a', 1]]));
    expect(await understudy.cache.getOrSet('c', () => 'now')).toBe('now');
  });

  test('keys that another is loading are waited for, not loaded again', async () => {
    const { cache } = await start(options());
    const first = pending();
    const one = cache.getOrSetMany(['a', 'b'], first.load);
    await first.called();
    const single = vi.fn(() => 'unused');
    const waiter = cache.getOrSet('b', single);
    const second = origin();
    const two = cache.getOrSetMany(['b', 'c', 'a'], second.load);
    await vi.waitFor(() => expect(second.runs).toEqual([1]), { timeout: 5_000 });
    first.resolve(allOf(['a', 'b']));
    expect(await one).toEqual(allOf(['a', 'b']));
    expect([...(await two)]).toEqual([...allOf(['b', 'c', 'a'])]);
    expect(await waiter).toBe('value of b');
    expect(single).not.toHaveBeenCalled();
    expect([...second.loads.keys()]).toEqual(['c']);
  });

  test('what a single caller loads is waited for, and the rest is loaded meanwhile', async () => {
    const { cache } = await start(options());
    const gate = Promise.withResolvers<string>();
    const load = vi.fn(() => gate.promise);
    const single = cache.getOrSet('a', load);
    await vi.waitFor(() => expect(load).toHaveBeenCalled(), { timeout: 5_000 });
    const { load: bulk, runs } = origin();
    const many = cache.getOrSetMany(['a', 'b'], bulk);
    await expect.poll(() => cache.get('b')).toBe('value of b');
    gate.resolve('from the single one');
    expect(await single).toBe('from the single one');
    expect(await many).toEqual(
      new Map([
        ['a', 'from the single one'],
        ['b', 'value of b'],
      ]),
    );
    expect(runs).toEqual([1]);
  });

  test('two that want each other’s keys in opposite order both end', async () => {
    const { cache } = await start({ ...options(), load: { concurrency: 2 } });
    const keys = keysOf(3_000);
    const { load, loads } = origin();
    const [one, two] = await Promise.all([
      cache.getOrSetMany(keys, load),
      cache.getOrSetMany(keys.toReversed(), load),
    ]);
    expect(one).toEqual(allOf(keys));
    expect([...two.keys()]).toEqual(keys.toReversed());
    expect([...loads.values()].every((count) => count === 1)).toBe(true);
  });

  test('eight that overlap load each key once', async () => {
    const { cache } = await start(options());
    const keys = keysOf(4_000);
    const { load, loads } = origin();
    const parts = Array.from({ length: 8 }, (_, at) => keys.slice(at * 300, at * 300 + 1_900));
    const found = await Promise.all(parts.map((part) => cache.getOrSetMany(part, load)));
    expect(found).toEqual(parts.map(allOf));
    expect(loads.size).toBe(4_000);
    expect([...loads.values()].every((count) => count === 1)).toBe(true);
  });

  test('ten thousand keys are one load, however few may run and none may wait', async () => {
    const understudy = await start({ ...options(), load: { concurrency: 1, queue: 0 } });
    const keys = keysOf(10_000);
    const { load, runs } = origin();
    expect(await understudy.cache.getOrSetMany(keys, load)).toEqual(allOf(keys));
    expect(runs).toEqual([10_000]);
    expect(await understudy.ask({ type: 'cache.stats' })).toMatchObject({ leases: 0 });
    expect(await understudy.cache.getOrSet('another', () => 1)).toBe(1);
  });

  test('a mailbox smaller than the load is no bound to it', async () => {
    const { cache } = await start({ ...options(), mailbox: { capacity: 40 } });
    const keys = keysOf(500);
    const { load, runs } = origin();
    expect(await cache.getOrSetMany(keys, load)).toEqual(allOf(keys));
    expect(runs).toEqual([500]);
    expect(await cache.getOrSetMany(keys.slice(0, 30), load)).toEqual(allOf(keys.slice(0, 30)));
  });

  test('no more loads run than may, and a load of many counts as one of them', async () => {
    const { cache } = await start({ ...options(), load: { concurrency: 2 } });
    const first = pending();
    const one = cache.getOrSetMany(keysOf(100), first.load);
    await first.called();
    const second = pending();
    const two = cache.getOrSetMany(['x', 'y'], second.load);
    await second.called();
    const third = vi.fn(() => 'z');
    const three = cache.getOrSet('z', third);
    const fourth = vi.fn(() => allOf(['w']));
    const four = cache.getOrSetMany(['w'], fourth);
    // What is there is answered meanwhile, by the same way as the others wait on.
    await cache.set('there', 1);
    expect(await cache.getOrSetMany(['there'], () => [])).toEqual(new Map([['there', 1]]));
    expect([third.mock.calls.length, fourth.mock.calls.length]).toEqual([0, 0]);
    second.resolve(allOf(['x']));
    await two;
    expect([await three, await four]).toEqual(['z', allOf(['w'])]);
    first.resolve(new Map());
    expect(await one).toEqual(new Map());
  });

  test('past the bound of the queue a load of many is refused as one, and leaves nothing behind', async () => {
    const understudy = await start({ ...options(), load: { concurrency: 1, queue: 0 } });
    const { cache } = understudy;
    const first = pending();
    const one = cache.getOrSetMany(['a', 'b'], first.load);
    await first.called();
    const load = vi.fn(() => allOf(['c']));
    await expect(cache.getOrSetMany(['c', 'd'], load)).rejects.toMatchObject({ code: 'LOADS_EXHAUSTED' });
    expect(load).not.toHaveBeenCalled();
    first.resolve(allOf(['a', 'b']));
    await one;
    expect(await cache.getOrSetMany(['c', 'd'], load)).toEqual(allOf(['c']));
  });

  test('a loader that rejects rejects its caller and all who wait for its keys, and caches nothing', async () => {
    const understudy = await start(options());
    const { cache } = understudy;
    const { load, called, reject } = pending();
    const failure = new Error('cannot load');
    const outcome = (each: Promise<unknown>) => each.catch((error: unknown) => error);
    const holder = outcome(cache.getOrSetMany(['a', 'b'], load));
    await called();
    const slow = pending();
    const asked = [
      holder,
      outcome(cache.getOrSetMany(['b', 'c'], (missing) => allOf(missing))),
      outcome(cache.getOrSet('a', () => 'unused')),
      // The failure is told at once, though there is more to wait for.
      outcome(cache.getOrSetMany(['b', 'd'], slow.load)),
    ];
    await slow.called();
    await expect.poll(() => cache.get('c')).toBe('value of c');
    reject(failure);
    expect(await Promise.all(asked)).toEqual([failure, failure, failure, failure]);
    slow.resolve(new Map());
    expect(await cache.getMany(['a', 'b'])).toEqual(new Map());
    await expect.poll(async () => (await understudy.ask({ type: 'cache.stats' })).leases).toBe(0);
    expect(await cache.getOrSetMany(['a', 'b'], (missing) => allOf(missing))).toEqual(allOf(['a', 'b']));
  });

  test('a loader that throws, or rejects with nothing, rejects all the same', async () => {
    const { cache } = await start(options());
    const thrown = cache.getOrSetMany(['a'], () => {
      throw new Error('thrown');
    });
    await expect(thrown).rejects.toThrow('thrown');
    const silent = cache.getOrSetMany(['a'], () => Promise.reject());
    await expect(silent).rejects.toMatchObject({ code: 'LOAD_FAILED' });
  });

  test('a deletion or a write during the load keeps that key alone from being stored', async () => {
    const { cache } = await start(options());
    const { load, called, resolve } = pending();
    const asked = cache.getOrSetMany(['deleted', 'written', 'kept'], load);
    await called();
    await cache.delete('deleted');
    await cache.set('written', 'newer');
    resolve(allOf(['deleted', 'written', 'kept']));
    expect(await asked).toEqual(allOf(['deleted', 'written', 'kept']));
    expect(await cache.getMany(['deleted', 'written', 'kept'])).toEqual(
      new Map([
        ['written', 'newer'],
        ['kept', 'value of kept'],
      ]),
    );
  });

  test.each([
    ['a key that it was not asked for', () => allOf(['a', 'stranger'])],
    ['no pairs', () => 7],
    ['nothing', () => undefined],
    ['what is no pair', () => [1]],
  ])('%s from the loader is an error, and nothing is stored', async (_what, load) => {
    const understudy = await start(options());
    const loose = understudy.cache.getOrSetMany as (...given: unknown[]) => Promise<unknown>;
    const error = await loose
      .call(understudy.cache, ['a', 'b'], load)
      .then(undefined, (thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'INVALID_VALUE' });
    expect(await understudy.cache.keys()).toEqual([]);
    expect(await understudy.ask({ type: 'cache.stats' })).toMatchObject({ leases: 0 });
  });

  test('a value that cannot be stored fails the caller and its own waiters; the others are stored', async () => {
    const { cache } = await start(options());
    const { load, called, resolve } = pending();
    const asked = cache.getOrSetMany(['bad', 'good'], load);
    await called();
    const waiters = [cache.getOrSet('bad', () => 1), cache.getOrSet('good', () => 1)];
    await settled();
    resolve(
      new Map<string, unknown>([
        ['bad', () => 'a function'],
        ['good', 1],
      ]),
    );
    const outcomes = await Promise.allSettled([asked, ...waiters]);
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: { code: 'INVALID_VALUE' } },
      { status: 'rejected', reason: { code: 'INVALID_VALUE' } },
      { status: 'fulfilled', value: 1 },
    ]);
    expect(await cache.getMany(['bad', 'good'])).toEqual(new Map([['good', 1]]));
  });

  test('one who gives up is told at once, and so is its loader', async () => {
    const { cache } = await start(options());
    const controller = new AbortController();
    const reason = new Error('had enough');
    let seen: AbortSignal | undefined;
    const asked = cache.getOrSetMany(
      ['a', 'b'],
      (_, { signal }) => {
        seen = signal;
        return new Promise<never>((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason)),
        );
      },
      { signal: controller.signal },
    );
    await vi.waitFor(() => expect(seen).toBeDefined(), { timeout: 5_000 });
    const patient = cache.getOrSetMany(['b', 'a'], (missing) => allOf(missing));
    await settled();
    expect(seen?.aborted).toBe(false);
    controller.abort(reason);
    await expect(asked).rejects.toMatchObject({ code: 'ABORTED', cause: reason });
    expect(seen?.aborted).toBe(true);
    // Its leases are handed on: that it gave up is no failure of those who wait.
    expect(await patient).toEqual(allOf(['b', 'a']));
  });

  test('a load that goes on although its caller gave up is stored', async () => {
    const { cache } = await start(options());
    const { load, called, resolve } = pending();
    const controller = new AbortController();
    const asked = cache.getOrSetMany(['a'], load, { signal: controller.signal });
    const gaveUp = expect(asked).rejects.toMatchObject({ code: 'ABORTED' });
    await called();
    controller.abort();
    await gaveUp;
    resolve(allOf(['a']));
    await expect.poll(() => cache.get('a')).toBe('value of a');
  });

  test('one who had given up before does not load', async () => {
    const { cache } = await start(options());
    const load = vi.fn(() => allOf(['a']));
    const asked = cache.getOrSetMany(['a'], load, { signal: AbortSignal.abort() });
    await expect(asked).rejects.toMatchObject({ code: 'ABORTED' });
    await settled();
    expect(load).not.toHaveBeenCalled();
  });
});

test('each key is loaded once also where memory holds few of them', async () => {
  const { cache } = await start({ memory: { maxEntries: 10 } });
  const keys = keysOf(10_000);
  const { load, loads } = origin();
  const found = await Promise.all(
    Array.from({ length: 8 }, (_, at) => cache.getOrSetMany(at % 2 ? keys : keys.toReversed(), load)),
  );
  expect(found.every((values) => values.size === 10_000)).toBe(true);
  expect(loads.size).toBe(10_000);
  expect([...loads.values()].every((count) => count === 1)).toBe(true);
});

test('each value may live as long as a function says', async () => {
  const understudy = await start(redis.options);
  const ttl = (key: string, value: string) => (key === 'short' ? 5_000 : `${value.length}m`);
  await understudy.cache.getOrSetMany(['short', 'long'], allOf, { ttl });
  expect(await redis.pttl('short')).toBeLessThanOrEqual(5_000);
  const minutes = loaded('long').length;
  expect(await redis.pttl('long')).toBeGreaterThan((minutes - 1) * 60_000);
  expect(await redis.pttl('long')).toBeLessThanOrEqual(minutes * 60_000);
  await understudy.cache.getOrSetMany(['same'], allOf, { ttl: '2m' });
  expect(await redis.pttl('same')).toBeLessThanOrEqual(120_000);
});

test('a function that gives no time to live fails the caller, and that key is not stored', async () => {
  const { cache } = await start();
  const ttl = (key: string) => (key === 'a' ? -1 : 1_000);
  const asked = cache.getOrSetMany(['a', 'b'], allOf, { ttl });
  await expect(asked).rejects.toMatchObject({ code: 'INVALID_TTL' });
  expect(await cache.keys()).toEqual(['b']);
});

test('the deadline of a caller runs on the clock of the system', async () => {
  const clock = new VirtualClock();
  const understudy = await createUnderstudy({ clock });
  onTestFinished(() => understudy.stop());
  const { load, called } = pending();
  const asked = understudy.cache.getOrSetMany(['a'], load, { deadline: 60_000 });
  const late = expect(asked).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  await called();
  await clock.advance(60_000);
  await late;
});

test('a holder that is gone blocks nobody: when its leases have expired, those who wait load in one run', async () => {
  const clock = new VirtualClock();
  const understudy = await createUnderstudy({ clock, lease: { ttl: '5s' } });
  onTestFinished(() => understudy.stop());
  const keys = keysOf(50);
  const dead = pending();
  void understudy.cache.getOrSetMany(keys, dead.load);
  await dead.called();
  const { load, runs } = origin();
  const waiting = understudy.cache.getOrSetMany(keys, load);
  await clock.advance(4_900);
  expect(runs).toEqual([]);
  await clock.advance(300);
  expect(await waiting).toEqual(allOf(keys));
  expect(runs).toEqual([50]);
});

describe('in two systems on one Redis', () => {
  let here: Understudy;
  let there: Understudy;
  beforeEach(async () => {
    [here, there] = await Promise.all([start(redis.options), start(redis.options)]);
  });

  test('calls that overlap load each key once', async () => {
    const keys = keysOf(3_000);
    const { load, loads } = origin();
    const parts = Array.from({ length: 8 }, (_, at) => keys.slice(at * 200, at * 200 + 1_600));
    const found = await Promise.all(
      parts.map((part, at) =>
        (at % 2 ? here : there).cache.getOrSetMany(at % 3 ? part : part.toReversed(), load),
      ),
    );
    expect(found).toEqual(parts.map(allOf));
    expect(loads.size).toBe(3_000);
    expect([...loads.values()].every((count) => count === 1)).toBe(true);
  });

  test('what is loaded elsewhere is waited for, and the rest is loaded meanwhile', async () => {
    const { load, called, resolve } = pending();
    const one = here.cache.getOrSetMany(['a', 'b'], load);
    await called();
    const { load: second, runs } = origin();
    const two = there.cache.getOrSetMany(['b', 'c'], second);
    await expect.poll(() => here.cache.get('c')).toBe('value of c');
    resolve(allOf(['a', 'b']));
    await one;
    expect(await two).toEqual(allOf(['b', 'c']));
    expect(runs).toEqual([1]);
  });

  test('what is waited for elsewhere needs neither slot nor place in the queue, and is taken over as one load', async () => {
    const options = { ...redis.options, load: { concurrency: 1, queue: 0 } };
    const [first, second] = await Promise.all([start(options), start(options)]);
    const keys = keysOf(2_500);
    const failing = pending();
    const one = first.cache.getOrSetMany(keys, failing.load).catch((error: unknown) => error);
    await failing.called();
    const { load, loads, runs } = origin();
    const two = second.cache.getOrSetMany(keys, load);
    // More than it takes to find out who has them: by now it looks again and again.
    await redis.resetCalls();
    await expect
      .poll(async () => (await redis.calls()).evalsha ?? 0, { timeout: 10_000 })
      .toBeGreaterThan(150);
    expect(await second.cache.getOrSet('another', () => 1)).toBe(1);
    failing.reject(new Error('cannot load'));
    await one;
    expect(await two).toEqual(allOf(keys));
    expect(loads.size).toBe(2_500);
    expect(runs.length).toBeLessThan(100);
  });

  test('a loader that fails fails its own callers; who waits elsewhere loads next', async () => {
    const { load, called, reject } = pending();
    const one = here.cache.getOrSetMany(['a', 'b'], load).catch((error: unknown) => error);
    await called();
    const { load: second, loads } = origin();
    const two = there.cache.getOrSetMany(['a', 'b', 'c'], second);
    await expect.poll(() => here.cache.get('c')).toBe('value of c');
    const failure = new Error('cannot load');
    reject(failure);
    expect(await one).toBe(failure);
    expect(await two).toEqual(allOf(['a', 'b', 'c']));
    expect([...loads.values()]).toEqual([1, 1, 1]);
  });

  test('a deletion elsewhere keeps that key alone from being stored', async () => {
    const { load, called, resolve } = pending();
    const asked = here.cache.getOrSetMany(['a', 'b'], load);
    await called();
    await there.cache.delete('a');
    resolve(allOf(['a', 'b']));
    expect(await asked).toEqual(allOf(['a', 'b']));
    expect(await there.cache.getMany(['a', 'b'])).toEqual(allOf(['b']));
  });

  test('ten thousand keys take no more trips than their batches', async () => {
    const keys = keysOf(10_000);
    const load = (missing: readonly string[]) => allOf(missing);
    await redis.resetCalls();
    await here.cache.getOrSetMany(keys, load);
    const { mget = 0, evalsha = 0, eval: whole = 0 } = await redis.calls();
    // Reads, leases and values, of 64 keys each, and a part of a batch for each thousand.
    expect(mget).toBeLessThanOrEqual(180);
    expect(evalsha + whole).toBeLessThanOrEqual(400);
    expect(await there.cache.getOrSetMany(keys, () => [])).toEqual(allOf(keys));
  });
});

test('with Redis frozen all is loaded by this process, and reaches Redis afterwards', async () => {
  const proxy = await startProxy(redis.server.port);
  onTestFinished(() => proxy.stop());
  const understudy = await start({ redis: { host: '127.0.0.1', port: proxy.port }, deadline: 5_000 });
  await understudy.cache.set('there', 'in memory');
  proxy.blackHole();
  const keys = keysOf(300);
  const { load, loads, runs } = origin();
  const [found, again] = await Promise.all([
    understudy.cache.getOrSetMany(['there', ...keys], load),
    understudy.cache.getOrSetMany(keys.toReversed(), load),
  ]);
  expect(found).toEqual(new Map([['there', 'in memory'], ...allOf(keys)]));
  expect(again.size).toBe(300);
  expect(loads.size).toBe(300);
  expect([...loads.values()].every((count) => count === 1)).toBe(true);
  expect(runs.length).toBeLessThanOrEqual(2);
  await proxy.heal();
  await expect
    .poll(async () => (await understudy.ask({ type: 'cache.stats' })).journal.entries, { timeout: 10_000 })
    .toBe(0);
  expect(await redis.call('DBSIZE')).toBeGreaterThanOrEqual(301);
});
