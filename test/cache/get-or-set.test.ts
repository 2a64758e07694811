import { describe, expect, test, vi } from 'vitest';
import { createUnderstudy, isUnderstudyError } from '../../src/index.ts';
import { settled } from '../../src/testing/settled.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { SuiteRedis, understudies } from './systems.ts';

const redis = new SuiteRedis();
const start = understudies();

/** A loader that ends when the test says so. */
function pending<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  const load = vi.fn(() => promise);
  const called = () => vi.waitFor(() => expect(load).toHaveBeenCalled(), { timeout: 5_000 });
  return { load, resolve, reject, called };
}

describe.each([
  ['memory only', () => ({})],
  ['with Redis', () => redis.options],
] as const)('%s', (_name, options) => {
  test('what is not there is loaded and stored; what is there is not loaded', async () => {
    const { cache } = await start(options());
    const load = vi.fn(async () => ({ loaded: true }));
    expect(await cache.getOrSet('a', load)).toEqual({ loaded: true });
    expect(await cache.getOrSet('a', load)).toEqual({ loaded: true });
    expect(await cache.get('a')).toEqual({ loaded: true });
    expect(load).toHaveBeenCalledOnce();
  });

  test('a loader may be synchronous, and may throw', async () => {
    const { cache } = await start(options());
    expect(await cache.getOrSet('a', () => 7)).toBe(7);
    const failure = new Error('thrown');
    const thrown = cache.getOrSet('b', () => {
      throw failure;
    });
    await expect(thrown).rejects.toBe(failure);
  });

  test('ten thousand ask for one cold key at once: the loader runs once', async () => {
    const { cache } = await start(options());
    const { load, resolve, called } = pending<string>();
    const asked = Array.from({ length: 10_000 }, () => cache.getOrSet('cold', load));
    await called();
    resolve('loaded');
    const values = await Promise.all(asked);
    expect(values.every((value) => value === 'loaded')).toBe(true);
    expect(load).toHaveBeenCalledOnce();
  });

  test('keys are loaded apart', async () => {
    const { cache } = await start(options());
    const keys = Array.from({ length: 200 }, (_, at) => `key ${at}`);
    const values = await Promise.all(keys.map((key) => cache.getOrSet(key, async () => key.length)));
    expect(values).toEqual(keys.map((key) => key.length));
  });

  test('a loader that rejects rejects all who wait with the same error, caches nothing, and the next may load', async () => {
    const { cache } = await start(options());
    const { load, reject, called } = pending<string>();
    const asked = Array.from({ length: 100 }, () =>
      cache.getOrSet('a', load).catch((error: unknown) => error),
    );
    await called();
    const failure = new Error('cannot load');
    reject(failure);
    expect((await Promise.all(asked)).every((error) => error === failure)).toBe(true);
    expect(load).toHaveBeenCalledOnce();
    expect(await cache.has('a')).toBe(false);
    expect(await cache.getOrSet('a', () => 'second')).toBe('second');
  });

  test('a loader that rejects with nothing rejects all who wait all the same', async () => {
    const { cache } = await start(options());
    const { load, reject, called } = pending<string>();
    const outcome = (asked: Promise<string>): Promise<string> =>
      asked.then(
        () => 'loaded',
        () => 'rejected',
      );
    const asked = Array.from({ length: 5 }, () => outcome(cache.getOrSet('a', load)));
    await called();
    reject(undefined);
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 5 }, () => 'rejected'));
    expect(load).toHaveBeenCalledOnce();
  });

  test('a loader that finds nothing says so to all who wait, and nothing is stored', async () => {
    const { cache } = await start(options());
    const { load, resolve, called } = pending<undefined>();
    const asked = Array.from({ length: 10 }, () => cache.getOrSet('a', load));
    await called();
    resolve(undefined);
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 10 }, () => undefined));
    expect(load).toHaveBeenCalledOnce();
    expect(await cache.has('a')).toBe(false);
  });

  test('what cannot be stored is refused to all who wait, and the next may load', async () => {
    const { cache } = await start(options());
    const { load, resolve, called } = pending<unknown>();
    const asked = Array.from({ length: 10 }, () =>
      cache.getOrSet('a', load).catch((error: unknown) => error),
    );
    await called();
    resolve(() => 'a function');
    for (const error of await Promise.all(asked))
      expect(isUnderstudyError(error, 'INVALID_VALUE')).toBe(true);
    expect(await cache.getOrSet('a', () => 'second')).toBe('second');
  });

  test('one who gives up by signal does not stop the load for the others', async () => {
    const { cache } = await start(options());
    const { load, resolve, called } = pending<string>();
    const controller = new AbortController();
    const reason = new Error('had enough');
    const holder = cache.getOrSet('a', load, { signal: controller.signal });
    const waiter = cache.getOrSet('a', load, { signal: controller.signal });
    const patient = cache.getOrSet('a', load);
    const gaveUp = Promise.all([
      expect(holder).rejects.toMatchObject({ code: 'ABORTED', cause: reason }),
      expect(waiter).rejects.toMatchObject({ code: 'ABORTED' }),
    ]);
    await called();
    controller.abort(reason);
    await gaveUp;
    resolve('loaded');
    expect(await patient).toBe('loaded');
    expect(await cache.get('a')).toBe('loaded');
    expect(load).toHaveBeenCalledOnce();
  });

  test('one whose deadline passes does not stop the load for the others', async () => {
    const { cache } = await start(options());
    const { load, resolve, called } = pending<string>();
    const patient = cache.getOrSet('a', load);
    await called();
    const hasty = [cache.getOrSet('a', load, { deadline: 20 }), cache.getOrSet('a', load, { deadline: 30 })];
    for (const asked of hasty) await expect(asked).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    resolve('loaded');
    expect(await patient).toBe('loaded');
    expect(load).toHaveBeenCalledOnce();
  });

  test('one who had given up before does not load', async () => {
    const { cache } = await start(options());
    const load = vi.fn(() => 'loaded');
    const asked = cache.getOrSet('a', load, { signal: AbortSignal.abort() });
    await expect(asked).rejects.toMatchObject({ code: 'ABORTED' });
    await settled();
    expect(load).not.toHaveBeenCalled();
  });

  test('a deadline longer than any timer is no deadline at once', async () => {
    const { cache } = await start(options());
    const { load, resolve, called } = pending<string>();
    const asked = [
      cache.getOrSet('a', load, { deadline: Number.MAX_SAFE_INTEGER }),
      cache.getOrSet('a', load, { deadline: Number.POSITIVE_INFINITY }),
    ];
    await called();
    await settled();
    resolve('loaded');
    expect(await Promise.all(asked)).toEqual(['loaded', 'loaded']);
  });

  test('a deletion during the load voids it: what is loaded is handed out and not stored', async () => {
    const { cache } = await start(options());
    const { load, resolve, called } = pending<string>();
    const asked = cache.getOrSet('a', load);
    await called();
    await cache.delete('a');
    resolve('outdated');
    expect(await asked).toBe('outdated');
    expect(await cache.has('a')).toBe(false);
  });

  test.each(['deleteMany', 'clear'] as const)('so does %s', async (how) => {
    const { cache } = await start(options());
    const { load, resolve, called } = pending<string>();
    const asked = cache.getOrSet('a', load);
    await called();
    await (how === 'clear' ? cache.clear() : cache.deleteMany(['a', 'b']));
    resolve('outdated');
    await asked;
    expect(await cache.has('a')).toBe(false);
  });

  test('who asks after the deletion gets a load of its own', async () => {
    const { cache } = await start(options());
    const first = pending<string>();
    const second = pending<string>();
    const before = cache.getOrSet('a', first.load);
    await first.called();
    await cache.delete('a');
    const after = cache.getOrSet('a', second.load);
    await second.called();
    second.resolve('new');
    expect(await after).toBe('new');
    first.resolve('old');
    expect(await before).toBe('old');
    expect(await cache.get('a')).toBe('new');
  });

  test('a write during the load is what stays, and what those who wait get', async () => {
    const { cache } = await start(options());
    const { load, resolve, called } = pending<string>();
    const holder = cache.getOrSet('a', load);
    await called();
    const waiter = cache.getOrSet('a', load);
    await settled();
    await cache.set('a', 'written');
    expect(await waiter).toBe('written');
    resolve('outdated');
    expect(await holder).toBe('outdated');
    expect(await cache.get('a')).toBe('written');
    expect(load).toHaveBeenCalledOnce();
  });
});

test('a holder that is gone blocks nobody: when its lease has expired the next one loads', async () => {
  const clock = new VirtualClock();
  const understudy = await createUnderstudy({ clock, lease: { ttl: '5s' } });
  const dead = pending<string>();
  const alive = vi.fn(() => 'second');
  const lost = understudy.cache.getOrSet('a', dead.load);
  await dead.called();
  const waiting = [understudy.cache.getOrSet('a', alive), understudy.cache.getOrSet('a', alive)];
  await clock.advance(4_900);
  expect(alive).not.toHaveBeenCalled();
  await clock.advance(300);
  expect(await Promise.all(waiting)).toEqual(['second', 'second']);
  expect(alive).toHaveBeenCalledOnce();

  dead.resolve('at last');
  expect(await lost).toBe('at last');
  expect(await understudy.cache.get('a')).toBe('second');
  await understudy.stop();
});

test('the deadline of a caller runs on the clock of the system', async () => {
  const clock = new VirtualClock();
  const understudy = await createUnderstudy({ clock });
  const { load, called } = pending<string>();
  const asked = understudy.cache.getOrSet('a', load, { deadline: 60_000 });
  const given = expect(asked).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  await called();
  await clock.advance(60_000);
  await given;
  await understudy.stop();
});
