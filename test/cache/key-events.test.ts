import { describe, expect, test, vi } from 'vitest';
import type { Cache, KeyEventName } from '../../src/index.ts';
import { settings } from '../freshness/settings.ts';

const ALL: KeyEventName[] = ['hit', 'miss', 'stale', 'set', 'delete', 'touch', 'increment', 'evict', 'load'];

/** Everything that is told from now on, as `name key`. */
function recorded(cache: Cache): string[] {
  const told: string[] = [];
  for (const name of ALL) cache.on(name, ({ key }) => told.push(`${name} ${key}`));
  return told;
}

describe.each(settings())('%s', (_name, start) => {
  test('who listens is told of every key that is read or changed', async () => {
    const { cache, advance } = await start();
    const told = recorded(cache);
    await cache.get('a');
    await cache.set('a', 1, { ttl: '1m', grace: '1h' });
    await cache.get('a');
    await cache.getMany(['a', 'b']);
    await cache.increment('n');
    await cache.touch('n', '5m');
    await cache.delete('n');
    await advance(120_000);
    await cache.find('a');
    expect(told).toEqual([
      'miss a',
      'set a',
      'hit a',
      'hit a',
      'miss b',
      'increment n',
      'touch n',
      'delete n',
      'stale a',
    ]);
  });

  test('of a load it is told how it ended, and what was stored', async () => {
    const { cache } = await start();
    const ends = vi.fn();
    cache.on('load', ends);
    const told = recorded(cache);
    await cache.getOrSet('a', () => 1);
    await cache.getOrSet('a', () => 2);
    await cache.getOrSet('b', () => Promise.reject(new Error('down'))).catch(() => {});
    await cache.getOrSet('c', (context) => {
      context.skip();
      return 3;
    });
    expect(told.filter((event) => event.endsWith(' a'))).toEqual(['miss a', 'load a', 'set a', 'hit a']);
    expect(ends.mock.calls.map(([{ key, outcome }]) => [key, outcome])).toEqual([
      ['a', 'loaded'],
      ['b', 'failed'],
      ['c', 'skipped'],
    ]);
  });

  test('who ends its subscription is told no more, and one that throws disturbs nobody', async () => {
    const { cache } = await start();
    cache.on('set', () => {
      throw new Error('a listener failed');
    });
    const listener = vi.fn();
    const end = cache.on('set', listener);
    await cache.set('a', 1);
    end();
    await cache.set('a', 2);
    expect(listener).toHaveBeenCalledOnce();
    expect(await cache.get('a')).toBe(2);
  });

  test('what is no event is refused', async () => {
    const { cache } = await start();
    const loose: { on(name: unknown, listener: unknown): void } = cache as never;
    expect(() => loose.on('hits', () => {})).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    expect(() => loose.on('hit', 'no function')).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });
});
