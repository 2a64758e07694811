import { spawnSync } from 'node:child_process';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createUnderstudy, type WarmProgress } from '../../src/index.ts';
import { settled } from '../../src/testing/settled.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { SuiteRedis, understudies } from './systems.ts';

const redis = new SuiteRedis();
const start = understudies();

const keysOf = (count: number): string[] => Array.from({ length: count }, (_, at) => `key ${at}`);
const FAST = { rate: Number.POSITIVE_INFINITY };

describe.each([
  ['memory only', () => ({ memory: { maxEntries: 5_000 } })],
  ['with Redis', () => redis.options],
  ['with Redis out', () => ({ redis: { url: 'redis://127.0.0.1:1' }, deadline: 10_000 })],
] as const)('%s', (_name, options) => {
  test('what is missing is stored, and what is there is left as it is', async () => {
    const { cache } = await start(options());
    await cache.set('key 3', 'newer');
    const entries = keysOf(500).map((key) => [key, 'warm'] as const);
    const report = await cache.warm(entries, FAST);
    expect(report).toEqual({
      done: 500,
      total: 500,
      stored: 499,
      present: 1,
      none: 0,
      overtaken: 0,
      errors: 0,
      failures: [],
      aborted: false,
    });
    const found = await cache.getMany(keysOf(500));
    expect(found.get('key 3')).toBe('newer');
    expect([...found.values()].filter((value) => value === 'warm')).toHaveLength(499);
  });

  test('with keys and a loader only what is missing is loaded', async () => {
    const { cache } = await start(options());
    await cache.set('a', 'there');
    const load = vi.fn(async (key: string) => (key === 'none' ? undefined : key.toUpperCase()));
    const report = await cache.warm({ keys: ['a', 'b', 'none'], load }, FAST);
    expect(report).toMatchObject({ done: 3, stored: 1, present: 1, none: 1, errors: 0 });
    expect(load.mock.calls.map(([key]) => key)).toEqual(['b', 'none']);
    expect(await cache.getMany(['a', 'b', 'none'])).toEqual(
      new Map([
        ['a', 'there'],
        ['b', 'B'],
      ]),
    );
  });

  test('what somebody else is loading is left to them', async () => {
    const { cache } = await start(options());
    const gate = Promise.withResolvers<string>();
    const load = vi.fn(() => gate.promise);
    const asked = cache.getOrSet('a', load);
    await vi.waitFor(() => expect(load).toHaveBeenCalled(), { timeout: 5_000 });
    expect(await cache.warm([['a', 'warm']], FAST)).toMatchObject({ present: 1, stored: 0 });
    gate.resolve('loaded');
    expect(await asked).toBe('loaded');
    expect(await cache.get('a')).toBe('loaded');
  });

  test('what is written or deleted while it is loaded is not overwritten', async () => {
    const { cache } = await start(options());
    const load = async (key: string) => {
      await (key === 'written' ? cache.set(key, 'newer') : cache.delete(key));
      return 'older';
    };
    const report = await cache.warm({ keys: ['written', 'deleted'], load }, FAST);
    expect(report).toMatchObject({ done: 2, overtaken: 2, stored: 0 });
    expect(await cache.getMany(['written', 'deleted'])).toEqual(new Map([['written', 'newer']]));
  });

  test('what fails is counted and named, and the rest goes on', async () => {
    const understudy = await start(options());
    const { cache } = understudy;
    const failure = new Error('no luck');
    const load = (key: string) => {
      if (key === 'key 7') throw failure;
      return key === 'key 8' ? () => 'a function' : key;
    };
    const report = await cache.warm({ keys: [...keysOf(10), ''], load }, FAST);
    expect(report).toMatchObject({ done: 11, stored: 8, errors: 3 });
    expect(new Map(report.failures.map(({ key, error }) => [key, error]))).toEqual(
      new Map<string, unknown>([
        ['key 7', failure],
        ['key 8', expect.objectContaining({ code: 'INVALID_VALUE' })],
        ['', expect.objectContaining({ code: 'INVALID_KEY' })],
      ]),
    );
    expect(await understudy.ask({ type: 'cache.stats' })).toMatchObject({ leases: 0 });
  });

  test('a caller who waits for a key that could not be warmed loads it', async () => {
    const { cache } = await start(options());
    const gate = Promise.withResolvers<string>();
    const load = vi.fn(() => gate.promise);
    const warming = cache.warm({ keys: ['a'], load }, FAST);
    await vi.waitFor(() => expect(load).toHaveBeenCalled(), { timeout: 5_000 });
    const asked = cache.getOrSet('a', () => 'by the caller');
    gate.reject(new Error('no luck'));
    expect(await warming).toMatchObject({ errors: 1 });
    expect(await asked).toBe('by the caller');
  });

  test('no more run at once than may, and entries are taken as they are wanted', async () => {
    const { cache } = await start(options());
    let running = 0;
    let most = 0;
    let taken = 0;
    async function* keys() {
      for (const key of keysOf(200)) {
        taken++;
        yield key;
      }
    }
    const gate = Promise.withResolvers<void>();
    const load = async (key: string) => {
      most = Math.max(most, ++running);
      await gate.promise;
      running--;
      return key;
    };
    const warming = cache.warm({ keys: keys(), load }, { ...FAST, concurrency: 5 });
    await vi.waitFor(() => expect(running).toBe(5), { timeout: 5_000 });
    await settled();
    expect(taken).toBeLessThanOrEqual(7);
    gate.resolve();
    expect(await warming).toMatchObject({ stored: 200, total: undefined });
    expect(most).toBe(5);
  });

  test('progress is told of each entry, and the signal ends it', async () => {
    const { cache } = await start(options());
    const controller = new AbortController();
    const seen: WarmProgress[] = [];
    const onProgress = (progress: WarmProgress) => {
      seen.push(progress);
      if (progress.done === 10) controller.abort();
    };
    const entries = new Map(keysOf(1_000).map((key) => [key, 1]));
    const report = await cache.warm(entries, {
      ...FAST,
      concurrency: 1,
      onProgress,
      signal: controller.signal,
    });
    expect(report).toMatchObject({ done: 10, stored: 10, total: 1_000, aborted: true });
    expect(seen).toEqual(Array.from({ length: 10 }, (_, at) => ({ done: at + 1, total: 1_000, errors: 0 })));
    expect(await cache.keys()).toHaveLength(10);
  });
});

test('no more begin in a second than may, evenly, and time that was lost is not made up for at once', async () => {
  const clock = new VirtualClock();
  const { cache, stop } = await createUnderstudy({ clock }).then((understudy) => ({
    cache: understudy.cache,
    stop: () => understudy.stop(),
  }));
  onTestFinished(stop);
  let began = 0;
  const load = () => ++began;
  const warming = cache.warm({ keys: keysOf(100), load }, { rate: 20 });
  await clock.advance(0);
  const at: number[] = [];
  for (let second = 0; second < 3; second++) {
    await clock.advance(1_000);
    at.push(began);
  }
  expect(at[0]).toBeGreaterThanOrEqual(20);
  for (const [second, count] of at.entries()) expect(count).toBeLessThanOrEqual(20 * (second + 1) + 2);
  clock.stall(1_500);
  await clock.advance(0);
  expect(began).toBeLessThanOrEqual(64);
  await clock.advance(2_500);
  expect(await warming).toMatchObject({ stored: 100 });
});

test('the signal ends the wait for the next turn, and the loads that run', async () => {
  const clock = new VirtualClock();
  const understudy = await createUnderstudy({ clock });
  onTestFinished(() => understudy.stop());
  const controller = new AbortController();
  const load = (_key: string, { signal }: { signal: AbortSignal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const warming = understudy.cache.warm({ keys: keysOf(100), load }, { rate: 1, signal: controller.signal });
  await clock.advance(2_500);
  controller.abort();
  expect(await warming).toMatchObject({ done: 0, errors: 0, aborted: true });
  expect(await understudy.ask({ type: 'cache.stats' })).toMatchObject({ leases: 0 });
});

test('entries have their own time to live, or that of the call', async () => {
  const { cache } = await start(redis.options);
  await cache.warm([{ key: 'own', value: 1, ttl: '5s' }, ['common', 2]], { ttl: '2m' });
  expect(await redis.pttl('own')).toBeLessThanOrEqual(5_000);
  expect(await redis.pttl('common')).toBeLessThanOrEqual(120_000);
  expect(await redis.pttl('common')).toBeGreaterThan(100_000);
});

test('two processes warm each key once', async () => {
  const [here, there] = await Promise.all([start(redis.options), start(redis.options)]);
  const loads: string[] = [];
  const load = async (key: string) => {
    loads.push(key);
    return key;
  };
  const [one, two] = await Promise.all(
    [here, there].map(({ cache }) => cache.warm({ keys: keysOf(300), load }, FAST)),
  );
  expect(loads.sort()).toEqual(keysOf(300).sort());
  expect((one?.stored ?? 0) + (two?.stored ?? 0)).toBe(300);
});

test('what it iterates over may fail, and the system may stop: then it rejects', async () => {
  const understudy = await start();
  const failure = new Error('the list broke');
  function* broken() {
    yield ['a', 1] as const;
    throw failure;
  }
  await expect(understudy.cache.warm(broken(), FAST)).rejects.toBe(failure);
  expect(await understudy.cache.get('a')).toBe(1);
  const load = async (key: string) => {
    if (key === 'key 5') await understudy.stop();
    return key;
  };
  const stopped = understudy.cache.warm({ keys: keysOf(1_000), load }, { ...FAST, concurrency: 1 });
  await expect(stopped).rejects.toMatchObject({ code: 'STOPPING' });
});

test.each([
  ['no entries', [7, {}], 'INVALID_OPTION'],
  ['text', ['entries', {}], 'INVALID_OPTION'],
  ['keys without a loader', [{ keys: [] }, {}], 'INVALID_OPTION'],
  ['a loader without keys', [{ load: () => 1 }, {}], 'INVALID_OPTION'],
  ['a rate of 0', [[], { rate: 0 }], 'INVALID_OPTION'],
  ['NaN for a rate', [[], { rate: Number.NaN }], 'INVALID_OPTION'],
  ['a fraction for the concurrency', [[], { concurrency: 1.5 }], 'INVALID_OPTION'],
  ['a bad ttl', [[], { ttl: -1 }], 'INVALID_TTL'],
  ['words for progress', [[], { onProgress: 'often' }], 'INVALID_OPTION'],
  ['an unknown option', [[], { speed: 1 }], 'INVALID_OPTION'],
  ['what is no entry', [[1], {}], 'INVALID_MESSAGE'],
])('%s is refused', async (_name, given, code) => {
  const { cache } = await start();
  const loose = cache.warm.bind(cache) as (...given: unknown[]) => Promise<unknown>;
  await expect(loose(...given)).rejects.toMatchObject({ code });
});

test('a program that waits for it, and has nothing else to do, is kept from ending', () => {
  const entry = new URL('../../src/index.ts', import.meta.url).href;
  const program = `
    const { createUnderstudy } = await import(${JSON.stringify(entry)});
    const { cache } = await createUnderstudy();
    const { stored } = await cache.warm(['a', 'b', 'c'].map((key) => [key, 1]), { rate: 20 });
    console.log(stored);
  `;
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    timeout: 15_000,
  });
  expect([status, stdout.trim()]).toEqual([0, '3']);
});
