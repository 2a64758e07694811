import { afterEach, describe, expect, test, vi } from 'vitest';
import type { LoadContext } from '../../src/index.ts';
import { settings } from './settings.ts';

const MINUTE = 60_000;

function chance(value: number): void {
  vi.spyOn(Math, 'random').mockReturnValue(value);
}
afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(settings())('%s', (_name, start) => {
  test('once a part of its lifetime has passed a value is loaded anew in the background, once', async () => {
    const { cache, advance } = await start();
    const { promise, resolve } = Promise.withResolvers<string>();
    const load = vi.fn().mockResolvedValueOnce('first').mockReturnValue(promise);
    const options = { ttl: '10m', refreshAhead: 0.8 } as const;
    expect(await cache.getOrSet('a', load, options)).toBe('first');
    await advance(7 * MINUTE);
    expect(await cache.getOrSet('a', load, options)).toBe('first');
    expect(load).toHaveBeenCalledOnce();
    await advance(1.5 * MINUTE);
    const hits = await Promise.all(Array.from({ length: 20 }, () => cache.getOrSet('a', load, options)));
    expect(new Set(hits)).toEqual(new Set(['first']));
    resolve('second');
    await vi.waitFor(async () => expect(await cache.get('a')).toBe('second'));
    await advance(9 * MINUTE);
    expect(await cache.get('a')).toBe('second');
    expect(load).toHaveBeenCalledTimes(2);
  });

  test('a load ahead that fails disturbs nobody, and what is there stays', async () => {
    const { cache, advance } = await start();
    const options = { ttl: '10m', refreshAhead: 0.5 } as const;
    await cache.getOrSet('a', () => 'first', options);
    await advance(6 * MINUTE);
    const load = vi.fn(() => Promise.reject(new Error('source is down')));
    expect(await cache.getOrSet('a', load, options)).toBe('first');
    await vi.waitFor(() => expect(load).toHaveBeenCalledOnce());
    await advance(100);
    expect(await cache.get('a')).toBe('first');
  });

  test('what was deleted during a load ahead is not brought back by it', async () => {
    const { cache, advance } = await start();
    const options = { ttl: '10m', refreshAhead: 0.5 } as const;
    await cache.getOrSet('a', () => 'first', options);
    await advance(6 * MINUTE);
    const { promise, resolve } = Promise.withResolvers<string>();
    const load = vi.fn(() => promise);
    expect(await cache.getOrSet('a', load, options)).toBe('first');
    await vi.waitFor(() => expect(load).toHaveBeenCalledOnce());
    await cache.delete('a');
    resolve('second');
    await advance(100);
    expect(await cache.find('a')).toMatchObject({ found: false });
  });

  test('by XFetch the longer a load took the earlier it may be made again', async () => {
    const { cache, advance } = await start();
    const options = { ttl: '10m', xfetch: true } as const;
    const load = vi.fn(() => 'loaded');
    const { promise, resolve } = Promise.withResolvers<string>();
    const slow = vi.fn(() => promise);
    const first = cache.getOrSet('slow', slow, options);
    await vi.waitFor(() => expect(slow).toHaveBeenCalledOnce());
    await advance(20_000);
    resolve('loaded');
    await first;
    await cache.getOrSet('quick', load, options);
    // -ln(1 - 0.9) is 2.3: a load of 20 s is made again 46 s ahead, one of nothing is not.
    chance(0.9);
    await advance(9 * MINUTE);
    await cache.getOrSet('slow', slow, options);
    await advance(10);
    expect(slow).toHaveBeenCalledOnce();
    await advance(20_000);
    await cache.getOrSet('slow', slow, options);
    await cache.getOrSet('quick', load, options);
    await vi.waitFor(() => expect(slow).toHaveBeenCalledTimes(2));
    expect(load).toHaveBeenCalledOnce();
  });

  test('jitter takes from the lifetime, at random', async () => {
    const { cache, advance } = await start();
    chance(0.5);
    await cache.getOrSet('a', () => 1, { ttl: '10m', jitter: '4m' });
    await advance(8 * MINUTE - 1_000);
    expect(await cache.get('a')).toBe(1);
    await advance(2_000);
    expect(await cache.get('a')).toBeUndefined();
  });

  test('a sliding value lives on while it is asked for, but not beyond its greatest age', async () => {
    const { cache, advance } = await start();
    const load = vi.fn(() => 'loaded');
    const options = { ttl: '10m', sliding: { max: '25m' } } as const;
    for (let minute = 0; minute < 24; minute += 6) {
      await cache.getOrSet('a', load, options);
      await advance(6 * MINUTE);
    }
    expect(load).toHaveBeenCalledOnce();
    await advance(1.1 * MINUTE);
    await cache.getOrSet('a', load, options);
    expect(load).toHaveBeenCalledTimes(2);
    await advance(11 * MINUTE);
    expect(await cache.get('a')).toBeUndefined();
  });

  test('that there is none is remembered for as long as is asked, and is no value', async () => {
    const { cache, advance } = await start();
    const load = vi.fn((): string | undefined => undefined);
    const options = { ttl: '10m', negativeTtl: '1m' } as const;
    expect(await cache.getOrSet('a', load, options)).toBeUndefined();
    expect(await cache.getOrSet('a', load, options)).toBeUndefined();
    expect(load).toHaveBeenCalledOnce();
    expect([await cache.get('a'), await cache.has('a')]).toEqual([undefined, false]);
    expect(await cache.find('a')).toMatchObject({ found: false });
    expect(await cache.getMany(['a'])).toEqual(new Map());
    expect(await cache.touch('a', '5m')).toBe(false);
    await cache.getOrSet('n', load, options);
    expect(await cache.increment('n', 2)).toBe(2);
    await cache.set('a', 'there now');
    expect(await cache.getOrSet('a', load, options)).toBe('there now');
    await cache.delete('a');
    await cache.getOrSet('a', load, options);
    await advance(MINUTE + 1);
    await cache.getOrSet('a', load, options);
    expect(load).toHaveBeenCalledTimes(4);
  });

  test('a loader chooses how long its value lives', async () => {
    const { cache, advance } = await start();
    await cache.getOrSet('a', ({ ...context }) => context, { ttl: '1m' }).catch(() => {});
    const load = (context: LoadContext) => {
      context.setTtl('1h');
      return 1;
    };
    expect(await cache.getOrSet('b', load, { ttl: '1m' })).toBe(1);
    await advance(59 * MINUTE);
    expect(await cache.get('b')).toBe(1);
  });

  test('what a loader skips is for its caller alone', async () => {
    const { cache } = await start();
    const load = (context: LoadContext) => {
      context.skip();
      return 'not for the cache';
    };
    expect(await cache.getOrSet('a', load)).toBe('not for the cache');
    expect(await cache.has('a')).toBe(false);
    expect(await cache.getOrSet('a', () => 'kept')).toBe('kept');
  });

  test('a loader that fails on purpose fails like any other', async () => {
    const { cache } = await start();
    const failure = new Error('no such user');
    await expect(cache.getOrSet('a', (context) => context.fail(failure))).rejects.toBe(failure);
  });

  test('a conditional load is given what is stale with its ETag, and may say that it is still right', async () => {
    const { cache, advance } = await start();
    const options = { ttl: '1m', grace: '1h' } as const;
    const changed = new Date('2026-01-02T03:04:05Z');
    await cache.getOrSet(
      'a',
      (context) => {
        expect(context.stale).toBeUndefined();
        context.setEtag('"v1"');
        context.setModified(changed);
        return { version: 1 };
      },
      options,
    );
    const seen = vi.fn();
    for (let times = 0; times < 2; times++) {
      await advance(2 * MINUTE);
      const value = await cache.getOrSet(
        'a',
        (context) => {
          seen(context.stale);
          return context.notModified();
        },
        options,
      );
      expect(value).toEqual({ version: 1 });
      expect(await cache.find('a')).toMatchObject({ stale: false, value: { version: 1 } });
    }
    const stale = { value: { version: 1 }, etag: '"v1"', modified: changed.getTime() };
    expect(seen.mock.calls).toEqual([[stale], [stale]]);
  });

  test('what cannot be right is refused before the loader runs', async () => {
    const { cache } = await start();
    const load = vi.fn(() => 1);
    const bad: [object, string][] = [
      [{ grace: -1 }, 'INVALID_TTL'],
      [{ staleWhileRevalidate: true }, 'INVALID_OPTION'],
      [{ softTimeout: 100 }, 'INVALID_OPTION'],
      [{ refreshAhead: 1 }, 'INVALID_OPTION'],
      [{ refreshAhead: Number.NaN }, 'INVALID_OPTION'],
      [{ xfetch: 0 }, 'INVALID_OPTION'],
      [{ jitter: 'soon' }, 'INVALID_TTL'],
      [{ sliding: {} }, 'INVALID_OPTION'],
      [{ sliding: { max: 0 } }, 'INVALID_TTL'],
      [{ hardTimeout: '0s' }, 'INVALID_TTL'],
      [{ negativeTtl: null }, 'INVALID_TTL'],
      [{ grase: '1m' }, 'INVALID_OPTION'],
    ];
    for (const [options, code] of bad)
      await expect(cache.getOrSet('a', load, options), JSON.stringify(options)).rejects.toMatchObject({
        code,
      });
    expect(load).not.toHaveBeenCalled();
  });
});
