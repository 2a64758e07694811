import { describe, expect, test, vi } from 'vitest';
import { settings } from '../freshness/settings.ts';

const MINUTE = 60_000;

describe.each(settings())('%s', (_name, start) => {
  test('what bears an invalidated tag is gone, and nothing else is', async () => {
    const { cache } = await start();
    await cache.set('a', 1, { tags: ['red', 'round'] });
    await cache.set('b', 2, { tags: ['blue', 'round'] });
    await cache.set('c', 3);
    expect(await cache.getMany(['a', 'b', 'c'])).toEqual(
      new Map([
        ['a', 1],
        ['b', 2],
        ['c', 3],
      ]),
    );
    await cache.invalidateTags('red');
    expect(await cache.getMany(['a', 'b', 'c'])).toEqual(
      new Map([
        ['b', 2],
        ['c', 3],
      ]),
    );
    expect(await cache.find('a')).toMatchObject({ found: false });
    expect(await cache.has('a')).toBe(false);
    await cache.invalidateTags(['square', 'round']);
    expect(await cache.getMany(['a', 'b', 'c'])).toEqual(new Map([['c', 3]]));
  });

  test('what is stored afterwards is good, in the same turn as well', async () => {
    const { cache } = await start();
    const before = cache.set('a', 1, { tags: ['red'] });
    const invalidated = cache.invalidateTags('red');
    const gone = cache.get('a');
    const after = cache.set('b', 2, { tags: ['red'] });
    const there = cache.get('b');
    await Promise.all([before, invalidated, after]);
    expect([await gone, await there]).toEqual([undefined, 2]);
    expect([await cache.get('a'), await cache.get('b')]).toEqual([undefined, 2]);
  });

  test('a tag is any text', async () => {
    const { cache } = await start();
    const tags = ['"', '\\', ']', '%22', '","', '漢', '{a}b', '~', 'a:b', '\u0000', ' '];
    await cache.setMany(tags.map((tag, at) => ({ key: `k${at}`, value: at, tags: [tag, 'all'] })));
    const keys = tags.map((_, at) => `k${at}`);
    expect((await cache.getMany(keys)).size).toBe(tags.length);
    for (const [at, tag] of tags.entries()) {
      await cache.invalidateTags(tag);
      expect([...(await cache.getMany(keys)).keys()]).toEqual(keys.slice(at + 1));
    }
  });

  test('what is expired by its tag is stale where it has grace, and gone where it has none', async () => {
    const { cache, advance } = await start();
    await cache.set('kept', 'old', { grace: '10m', tags: ['red'] });
    await cache.set('gone', 'old', { tags: ['red'] });
    await cache.expireTags('red');
    expect(await cache.find('kept')).toMatchObject({ found: true, stale: true, value: 'old' });
    expect(await cache.get('kept')).toBeUndefined();
    expect(await cache.find('gone')).toMatchObject({ found: false });
    const failing = vi.fn(() => Promise.reject(new Error('the source is out')));
    expect(await cache.getOrSet('kept', failing, { grace: '10m', backoff: '1s' })).toBe('old');
    expect(failing).toHaveBeenCalledOnce();
    await advance(2_000);
    expect(await cache.getOrSet('kept', () => 'new', { grace: '10m', tags: ['red'] })).toBe('new');
    expect(await cache.find('kept')).toMatchObject({ stale: false, value: 'new' });
    await cache.invalidateTags('red');
    expect(await cache.find('kept')).toMatchObject({ found: false });
  });

  test('what was invalidated while it was loaded is not stored, and not told to who asked since', async () => {
    const { cache } = await start();
    const loads: PromiseWithResolvers<string>[] = [];
    const load = vi.fn(() => {
      const pending = Promise.withResolvers<string>();
      loads.push(pending);
      return pending.promise;
    });
    const first = cache.getOrSet('a', load, { tags: ['red'] });
    await vi.waitFor(() => expect(load).toHaveBeenCalledTimes(1));
    await cache.invalidateTags('red');
    const second = cache.getOrSet('a', load, { tags: ['red'] });
    loads[0]?.resolve('old');
    expect(await first).toBe('old');
    await vi.waitFor(() => expect(load).toHaveBeenCalledTimes(2));
    loads[1]?.resolve('new');
    expect([await second, await cache.get('a')]).toEqual(['new', 'new']);
  });

  test('a loader names tags as it finds them', async () => {
    const { cache } = await start();
    const load = vi.fn(({ setTags }: { setTags: (...tags: string[]) => void }) => {
      setTags('author:7', 'author:8');
      return 'page';
    });
    await cache.getOrSet('page', load, { tags: ['pages'] });
    expect(await cache.getOrSet('page', load, { tags: ['pages'] })).toBe('page');
    for (const tag of ['author:8', 'pages']) {
      await cache.invalidateTags(tag);
      expect(await cache.get('page')).toBeUndefined();
      await cache.getOrSet('page', load, { tags: ['pages'] });
    }
    expect(load).toHaveBeenCalledTimes(3);
    const bulk = { tags: (key: string) => [`of:${key}`] };
    await cache.getOrSetMany(['x', 'y'], (keys) => keys.map((key) => [key, key] as const), bulk);
    await cache.invalidateTags('of:x');
    expect(await cache.getMany(['x', 'y'])).toEqual(new Map([['y', 'y']]));
  });

  test('that there is none is remembered with its tags', async () => {
    const { cache } = await start();
    const load = vi.fn(() => undefined);
    const options = { negativeTtl: '1m', tags: ['users'] } as const;
    await cache.getOrSet('a', load, options);
    await cache.getOrSet('a', load, options);
    expect(load).toHaveBeenCalledTimes(1);
    await cache.invalidateTags('users');
    await cache.getOrSet('a', load, options);
    expect(load).toHaveBeenCalledTimes(2);
  });

  test('a touch keeps the tags, and makes nothing good again', async () => {
    const { cache, advance } = await start();
    await cache.setMany(
      [
        ['a', 1],
        ['b', 2],
      ],
      { ttl: '1m', tags: ['red'] },
    );
    await cache.touch('a', '10m');
    await cache.invalidateTags('red');
    await cache.touch('b', '10m');
    await advance(2 * MINUTE);
    expect(await cache.getMany(['a', 'b'])).toEqual(new Map());
  });

  test('a number with tags is no counter', async () => {
    const { cache } = await start();
    await cache.set('n', 5, { tags: ['red'] });
    await expect(cache.increment('n')).rejects.toMatchObject({ code: 'NOT_A_NUMBER' });
    expect(await cache.get('n')).toBe(5);
  });

  test('an entry outlives the marker of its tag by nothing, however long it lives', async () => {
    const { cache, advance } = await start();
    await cache.set('a', 1, { ttl: '1000d', tags: ['red'] });
    await advance(999 * 24 * 60 * MINUTE);
    expect(await cache.get('a')).toBe(1);
  });

  test('iteration tells no values that were invalidated', async () => {
    const { cache } = await start();
    await cache.setMany([['a', 1], { key: 'b', value: 2, tags: ['red'] }]);
    await cache.invalidateTags('red');
    const found: unknown[] = [];
    for await (const entry of cache.entries()) found.push(entry);
    expect(found).toEqual([['a', 1]]);
  });

  test('what cannot be tags is refused, and changes nothing', async () => {
    const { cache } = await start();
    const refused = { code: 'INVALID_OPTION' };
    await expect(cache.set('a', 1, { tags: [''] })).rejects.toMatchObject(refused);
    await expect(cache.set('a', 1, { tags: ['x'.repeat(257)] })).rejects.toMatchObject(refused);
    await expect(cache.set('a', 1, { tags: ['\ud800'] })).rejects.toMatchObject(refused);
    const many = Array.from({ length: 65 }, (_, at) => `${at}`);
    await expect(cache.set('a', 1, { tags: many })).rejects.toMatchObject(refused);
    await expect(
      cache.setMany([{ key: 'a', value: 1, tags: many.slice(0, 40) }], { tags: many.slice(30) }),
    ).rejects.toMatchObject(refused);
    await expect(cache.invalidateTags([])).rejects.toMatchObject(refused);
    const load = vi.fn();
    await expect(cache.getOrSet('a', load, { tags: [''] })).rejects.toMatchObject(refused);
    expect(load).not.toHaveBeenCalled();
    expect(await cache.has('a')).toBe(false);
  });
});
