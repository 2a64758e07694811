import { describe, expect, test } from 'vitest';
import { settings } from '../freshness/settings.ts';

describe.each(settings({ namespaces: { users: {}, pages: {} } }))('%s', (_name, start) => {
  test('a namespace that is cleared holds nothing of before, and others all they did', async () => {
    const { cache } = await start();
    await cache.setMany([
      ['users:1', 1],
      ['users:2', 2],
      ['pages:1', 3],
      ['usersx', 4],
    ]);
    expect((await cache.getMany(['users:1', 'users:2', 'pages:1', 'usersx'])).size).toBe(4);
    await cache.clear('users:');
    expect(await cache.getMany(['users:1', 'users:2', 'pages:1', 'usersx'])).toEqual(
      new Map([
        ['pages:1', 3],
        ['usersx', 4],
      ]),
    );
    expect(await cache.keys('users:')).toEqual([]);
    await cache.set('users:2', 'new');
    expect(await cache.keys('users:')).toEqual(['users:2']);
    expect(await cache.getMany(['users:1', 'users:2'])).toEqual(new Map([['users:2', 'new']]));
  });

  test('counters begin anew, and what is gone cannot be touched', async () => {
    const { cache } = await start();
    await cache.increment('users:n', 5);
    expect(await cache.increment('users:n', 2)).toBe(7);
    await cache.set('users:a', 1);
    await cache.clear('users:');
    expect(await cache.touch('users:a')).toBe(false);
    expect(await cache.increment('users:n', 3)).toBe(3);
    expect(await cache.increment('users:n', 1)).toBe(4);
    expect(await cache.getMany(['users:n', 'users:a'])).toEqual(new Map([['users:n', 4]]));
  });

  test('what is being loaded when it is cleared is not stored', async () => {
    const { cache } = await start();
    const pending = Promise.withResolvers<string>();
    const started = Promise.withResolvers<void>();
    const loading = cache.getOrSet('users:1', () => {
      started.resolve();
      return pending.promise;
    });
    await started.promise;
    await cache.clear('users:');
    pending.resolve('old');
    expect(await loading).toBe('old');
    expect(await cache.get('users:1')).toBeUndefined();
    expect(await cache.getOrSet('users:1', () => 'new')).toBe('new');
    expect(await cache.get('users:1')).toBe('new');
  });

  test('in one turn a clear comes between what is before it and what is after', async () => {
    const { cache } = await start();
    const all = [
      cache.set('users:1', 'before'),
      cache.increment('users:n', 5),
      cache.clear('users:'),
      cache.set('users:2', 'after'),
      cache.increment('users:n', 2),
    ];
    await Promise.all(all);
    expect(await cache.getMany(['users:1', 'users:2', 'users:n'])).toEqual(
      new Map<string, unknown>([
        ['users:2', 'after'],
        ['users:n', 2],
      ]),
    );
  });

  test('a part of a namespace is cleared key by key', async () => {
    const { cache } = await start();
    await cache.setMany([
      ['users:a1', 1],
      ['users:a2', 2],
      ['users:b1', 3],
    ]);
    await cache.clear('users:a');
    expect(await cache.getMany(['users:a1', 'users:a2', 'users:b1'])).toEqual(new Map([['users:b1', 3]]));
  });

  test('clearing everything clears namespaces too', async () => {
    const { cache } = await start();
    await cache.setMany([
      ['users:1', 1],
      ['other', 2],
    ]);
    await cache.clear();
    expect(await cache.getMany(['users:1', 'other'])).toEqual(new Map());
    await cache.set('users:1', 3);
    expect(await cache.get('users:1')).toBe(3);
  });
});
