import { describe, expect, test, vi } from 'vitest';
import { createTestUnderstudy } from '../../src/testing/index.ts';
import { settings } from './settings.ts';

const OPTIONS = { ttl: '1m', grace: '1h' } as const;
const MINUTE = 60_000;

/** A loader that ends when the test says so. */
function pending<T>() {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  promise.catch(() => {});
  const load = vi.fn(() => promise);
  return { load, resolve, reject, called: () => vi.waitFor(() => expect(load).toHaveBeenCalled()) };
}

describe.each(settings())('%s', (_name, start) => {
  test('past its time a value is there for those who can use it as stale, until its grace is over', async () => {
    const { cache, advance } = await start();
    await cache.set('a', 1, OPTIONS);
    expect(await cache.find('a')).toMatchObject({ found: true, stale: false, value: 1 });
    await advance(2 * MINUTE);
    expect(await cache.find('a')).toMatchObject({ found: true, stale: true, value: 1 });
    expect([await cache.get('a'), await cache.has('a')]).toEqual([undefined, false]);
    expect(await cache.getMany(['a'])).toEqual(new Map());
    await advance(60 * MINUTE);
    expect(await cache.find('a')).toMatchObject({ found: false });
  });

  test('a counter with grace keeps it when it is incremented', async () => {
    const { cache, advance } = await start();
    await cache.set('n', 1, OPTIONS);
    expect(await cache.increment('n', 4)).toBe(5);
    await advance(2 * MINUTE);
    expect(await cache.find('n')).toMatchObject({ found: true, stale: true, value: 5 });
    await advance(60 * MINUTE);
    expect(await cache.find('n')).toMatchObject({ found: false });
  });

  test('when the load fails what is stale is answered, and nobody loads again before the backoff is over', async () => {
    const { cache, advance } = await start();
    await cache.set('a', 'stale', OPTIONS);
    await advance(2 * MINUTE);
    const load = vi.fn(() => Promise.reject(new Error('source is down')));
    const options = { ...OPTIONS, backoff: '5s' } as const;
    expect(await cache.getOrSet('a', load, options)).toBe('stale');
    expect(await cache.getOrSet('a', load, options)).toBe('stale');
    expect(load).toHaveBeenCalledOnce();
    await advance(5_001);
    expect(await cache.getOrSet('a', load, options)).toBe('stale');
    expect(load).toHaveBeenCalledTimes(2);
    await advance(5_001);
    expect(await cache.getOrSet('a', () => 'fresh', options)).toBe('fresh');
    expect(await cache.find('a')).toMatchObject({ stale: false, value: 'fresh' });
  });

  test('without anything stale a failed load is a failure, and the next asker loads', async () => {
    const { cache } = await start();
    const failure = new Error('source is down');
    await expect(cache.getOrSet('a', () => Promise.reject(failure), OPTIONS)).rejects.toBe(failure);
    expect(await cache.getOrSet('a', () => 1, OPTIONS)).toBe(1);
  });

  test('who waits for a load that fails is answered what is stale, if it can use that', async () => {
    const { cache, advance } = await start();
    await cache.set('a', 'stale', OPTIONS);
    await advance(2 * MINUTE);
    const { load, reject, called } = pending<string>();
    const holder = cache.getOrSet('a', load, OPTIONS);
    await called();
    const patient = cache.getOrSet('a', load, OPTIONS);
    const strict = cache.getOrSet('a', load);
    await advance(10);
    const failure = new Error('source is down');
    reject(failure);
    await expect(strict).rejects.toBe(failure);
    expect(await Promise.all([holder, patient])).toEqual(['stale', 'stale']);
  });

  test('what was deleted during the load is not answered as stale when it fails', async () => {
    const { cache, advance } = await start();
    await cache.set('a', 'stale', OPTIONS);
    await advance(2 * MINUTE);
    const { load, reject, called } = pending<string>();
    const holder = cache.getOrSet('a', load, OPTIONS);
    await called();
    const waiter = cache.getOrSet('a', load, OPTIONS);
    await advance(10);
    await cache.delete('a');
    const failure = new Error('source is down');
    reject(failure);
    await expect(holder).rejects.toBe(failure);
    await expect(waiter).rejects.toBe(failure);
  });

  test('while it is revalidated all are answered what is stale at once, and it is loaded once', async () => {
    const { cache, advance } = await start();
    await cache.set('a', 'stale', OPTIONS);
    await advance(2 * MINUTE);
    const { load, resolve, called } = pending<string>();
    const options = { ...OPTIONS, staleWhileRevalidate: true };
    const answers = await Promise.all(Array.from({ length: 20 }, () => cache.getOrSet('a', load, options)));
    expect(new Set(answers)).toEqual(new Set(['stale']));
    await called();
    expect(load).toHaveBeenCalledOnce();
    resolve('fresh');
    await vi.waitFor(async () => expect(await cache.get('a')).toBe('fresh'));
    expect(await cache.getOrSet('a', load, options)).toBe('fresh');
    expect(load).toHaveBeenCalledOnce();
  });

  test('a failure in the background disturbs nobody', async () => {
    const { cache, advance } = await start();
    await cache.set('a', 'stale', OPTIONS);
    await advance(2 * MINUTE);
    const load = vi.fn(() => Promise.reject(new Error('source is down')));
    const options = { ...OPTIONS, staleWhileRevalidate: true };
    expect(await cache.getOrSet('a', load, options)).toBe('stale');
    await advance(100);
    expect(await cache.getOrSet('a', load, options)).toBe('stale');
    expect(load).toHaveBeenCalledOnce();
  });

  test('after the soft timeout what is stale is answered, and the load goes on', async () => {
    const { cache, advance } = await start();
    await cache.set('a', 'stale', OPTIONS);
    await advance(2 * MINUTE);
    const { load, resolve, called } = pending<string>();
    const options = { ...OPTIONS, softTimeout: 100 };
    const settled = vi.fn();
    const holder = cache.getOrSet('a', load, options);
    const waiter = cache.getOrSet('a', load, options);
    void holder.then(settled);
    await called();
    await advance(50);
    expect(settled).not.toHaveBeenCalled();
    await advance(100);
    expect(await Promise.all([holder, waiter])).toEqual(['stale', 'stale']);
    expect(load).toHaveBeenCalledOnce();
    resolve('fresh');
    await vi.waitFor(async () => expect(await cache.get('a')).toBe('fresh'));
  });

  test('the soft timeout means nothing where there is nothing stale', async () => {
    const { cache, advance } = await start();
    const { load, resolve, called } = pending<string>();
    const options = { ...OPTIONS, softTimeout: 100 };
    const holder = cache.getOrSet('a', load, options);
    await called();
    const waiter = cache.getOrSet('a', load, options);
    await advance(1_000);
    resolve('fresh');
    expect(await Promise.all([holder, waiter])).toEqual(['fresh', 'fresh']);
    expect(load).toHaveBeenCalledOnce();
  });

  test('at the hard timeout the load has failed, and the loader is told', async () => {
    const { cache, advance } = await start();
    let signal: AbortSignal | undefined;
    const load = vi.fn((context: { readonly signal: AbortSignal }) => {
      signal = context.signal;
      return new Promise<string>(() => {});
    });
    const options = { ...OPTIONS, hardTimeout: 100 };
    const late = cache.getOrSet('a', load, options);
    late.catch(() => {});
    await vi.waitFor(() => expect(load).toHaveBeenCalledOnce());
    await advance(100);
    await expect(late).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(signal?.aborted).toBe(true);
    await cache.set('b', 'stale', OPTIONS);
    await advance(2 * MINUTE);
    const instead = cache.getOrSet('b', load, options);
    await vi.waitFor(() => expect(load).toHaveBeenCalledTimes(2));
    await advance(100);
    expect(await instead).toBe('stale');
  });

  test('a touch makes it fresh again and keeps its grace; of what is stale there is nothing to touch', async () => {
    const { cache, advance } = await start();
    await cache.set('a', 1, OPTIONS);
    await advance(MINUTE / 2);
    expect(await cache.touch('a', '2m')).toBe(true);
    await advance(1.5 * MINUTE);
    expect(await cache.get('a')).toBe(1);
    await advance(MINUTE);
    expect(await cache.find('a')).toMatchObject({ stale: true, value: 1 });
    expect(await cache.touch('a', '2m')).toBe(false);
    expect(await cache.get('a')).toBeUndefined();
  });

  test('a counter with grace counts on, and what is stale is not counted on', async () => {
    const { cache, advance } = await start();
    await cache.set('n', 5, OPTIONS);
    expect(await cache.increment('n', 2)).toBe(7);
    await advance(2 * MINUTE);
    expect(await cache.increment('n', 2)).toBe(2);
  });
});

test('a counter that Redis incremented keeps its grace in memory, for when Redis is out', async () => {
  await using system = await createTestUnderstudy();
  await system.cache.set('n', 1, OPTIONS);
  await system.cache.increment('n', 4);
  await system.advance(2 * MINUTE);
  system.redis.fail();
  expect(await system.until(system.cache.find('n'))).toMatchObject({ stale: true, value: 5, degraded: true });
});
