import { describe, expect, test, vi } from 'vitest';
import type { Cache, KeyEventName, KeyEvents } from '../../src/index.ts';
import { createTestUnderstudy } from '../../src/testing/index.ts';
import { settings } from '../freshness/settings.ts';

type OfKeys = Exclude<KeyEventName, 'breaker' | 'tier'>;
const ALL: OfKeys[] = [
  'hit',
  'miss',
  'stale',
  'set',
  'delete',
  'touch',
  'increment',
  'evict',
  'load',
  'error',
];

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
    expect(told.filter((event) => event.startsWith('error'))).toEqual(['error b']);
    expect(ends.mock.calls.map(([{ key, outcome }]) => [key, outcome])).toEqual([
      ['a', 'loaded'],
      ['b', 'failed'],
      ['c', 'skipped'],
    ]);
  });

  test('of what failed it is told what it was, and why', async () => {
    const { cache } = await start();
    const errors: KeyEvents['error'][] = [];
    cache.on('error', (event) => errors.push(event));
    const down = new Error('down');
    await cache.getOrSet('a', () => Promise.reject(down)).catch(() => {});
    await cache.set('text', 'no number');
    await cache.increment('text').catch(() => {});
    expect(errors).toEqual([
      { key: 'a', operation: 'load', error: down },
      { key: 'text', operation: 'increment', error: expect.objectContaining({ code: 'NOT_A_NUMBER' }) },
    ]);
  });

  test('a view is told of its own loads by its own keys, and the cache by theirs', async () => {
    const { cache } = await start();
    const view = cache.for({ user: 'ada' });
    const told = recorded(view);
    const whole = recorded(cache);
    await view.getOrSet('a', () => Promise.reject(new Error('down'))).catch(() => {});
    await cache.getOrSet('b', () => 1);
    expect(told).toEqual(['miss a', 'load a', 'error a']);
    expect(whole.filter((event) => event.startsWith('load'))).toEqual([
      expect.stringMatching(/^load [0-9a-f]{64}:a$/),
      'load b',
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

test('who listens is told when the circuit breaker changes, and when Redis goes out and comes back', async () => {
  await using system = await createTestUnderstudy({ breaker: { failures: 1 } });
  const told: unknown[] = [];
  const view = system.cache.for({ user: 'ada' });
  view.on('breaker', ({ state }) => told.push(state));
  const end = system.cache.on('tier', ({ tier, up }) => told.push([tier, up]));
  system.redis.fail();
  await system.until(system.cache.get('a'));
  await system.events.next('breaker.changed', { state: 'open' });
  expect(told).toEqual(['open', ['redis', false]]);
  system.redis.restore();
  await system.events.next('breaker.changed', { state: 'closed' });
  expect(told.slice(2)).toEqual(['half-open', 'closed', ['redis', true]]);
  end();
  system.redis.fail();
  await system.until(system.cache.get('a'));
  expect(told.slice(5)).toEqual(['open']);
});
