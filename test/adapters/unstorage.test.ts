import { createStorage, prefixStorage, restoreSnapshot, type StorageValue, snapshot } from 'unstorage';
import { describe, expect, test } from 'vitest';
import { type UnstorageDriverOptions, understudyDriver } from '../../src/adapters/unstorage.ts';
import type { Understudy } from '../../src/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { breakableRedis, OUTAGES } from './outages.ts';
import { stands, started } from './stands.ts';

function storageOn(understudy: Understudy, options: Omit<UnstorageDriverOptions, 'understudy'> = {}) {
  return createStorage({ driver: understudyDriver({ understudy, ...options }) });
}

describe.each(stands())('a storage on $on', ({ start }) => {
  test('has what was set, and null for what was not', async () => {
    const storage = storageOn(await start());
    await storage.setItem('a:b', 'text');
    expect([await storage.hasItem('a:b'), await storage.getItem('a:b')]).toEqual([true, 'text']);
    expect([await storage.hasItem('a'), await storage.getItem('a')]).toEqual([false, null]);
  });

  test.each([
    ['text', 'text'],
    ['empty text', ''],
    ['null', null],
    ['false', false],
    ['0', 0],
    ['a number', 1.5],
    ['an object', { list: [1, { deep: null }] }],
    ['a list', []],
  ])('gives back %s as it was', async (_, value) => {
    const storage = storageOn(await start());
    await storage.setItem('a', value);
    expect(await storage.hasItem('a')).toBe(true);
    expect(await storage.getItem('a')).toEqual(value);
  });

  test('stores what says how it is written as JSON, and refuses what cannot be', async () => {
    const storage = storageOn(await start());
    await storage.setItem('date', new Date(0));
    expect(await storage.getItem('date')).toBe('1970-01-01T00:00:00.000Z');
    await expect(storage.setItem('map', new Map())).rejects.toThrow('Cannot stringify');
    await storage.setItem('date', undefined as never);
    expect(await storage.hasItem('date')).toBe(false);
  });

  test('bytes survive as raw items', async () => {
    const storage = storageOn(await start());
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    await storage.setItemRaw('bytes', bytes);
    expect(await storage.getItemRaw('bytes')).toEqual(Buffer.from(bytes));
    await storage.setItemRaw('text', 'as it is');
    expect(await storage.getItemRaw('text')).toBe('as it is');
    expect(await storage.getItemRaw('none')).toBeNull();
  });

  test('gets and sets many, in the order asked for', async () => {
    const storage = storageOn(await start());
    await storage.setItems<StorageValue>([
      { key: 'a', value: 1 },
      { key: 'b:c', value: { deep: true }, options: { ttl: 60 } },
    ]);
    expect(await storage.getItems(['b:c', 'none', { key: 'a' }])).toEqual([
      { key: 'b:c', value: { deep: true } },
      { key: 'none', value: null },
      { key: 'a', value: 1 },
    ]);
  });

  test('lists and clears what is below a base, taken literally', async () => {
    const driver = understudyDriver({ understudy: await start() });
    const storage = createStorage({ driver });
    const keys = ['a', 'a:b', 'a:b:c', 'a*:b', 'ab', 'd'];
    await Promise.all(keys.map((key) => storage.setItem(key, key)));
    expect((await storage.getKeys()).toSorted()).toEqual(keys.toSorted());
    expect((await storage.getKeys('a')).toSorted()).toEqual(['a:b', 'a:b:c']);
    expect((await storage.getKeys('', { maxDepth: 0 })).toSorted()).toEqual(['a', 'ab', 'd']);
    // The storage itself asks its drivers for all or nothing.
    await driver.clear?.('a:', {});
    expect((await storage.getKeys()).toSorted()).toEqual(['a', 'a*:b', 'ab', 'd']);
    await storage.clear();
    expect(await storage.getKeys()).toEqual([]);
  });

  test('keeps meta beside an item, and removes it with it', async () => {
    const storage = storageOn(await start());
    await storage.setItem('a', 1);
    await storage.setMeta('a', { mtime: new Date(0), owner: 'Ada' });
    expect({ ...(await storage.getMeta('a')) }).toEqual({ mtime: new Date(0), owner: 'Ada' });
    expect(await storage.getKeys()).toEqual(['a']);
    await storage.removeItem('a', { removeMeta: true });
    expect({ ...(await storage.getMeta('a')) }).toEqual({});
    expect(await storage.getItem('a')).toBeNull();
  });

  test('storages of different bases do not see each other, nor what the application has', async () => {
    const understudy = await start();
    const [one, other] = [storageOn(understudy), storageOn(understudy, { base: 'unstorage2:' })];
    await understudy.cache.set('a', 'of the application');
    await one.setItem('a', 1);
    await other.setItem('a', 2);
    expect([await one.getItem('a'), await other.getItem('a')]).toEqual([1, 2]);
    await one.clear();
    expect(await other.getKeys()).toEqual(['a']);
    expect((await understudy.cache.keys()).toSorted()).toEqual(['a', 'unstorage2:a']);
  });

  test('can be mounted, prefixed, watched and restored from a snapshot', async () => {
    const storage = createStorage().mount('cache', understudyDriver({ understudy: await start() }));
    const seen: string[] = [];
    await storage.watch((event, key) => seen.push(`${event} ${key}`));
    const users = prefixStorage(storage, 'cache:users');
    await users.setItem('1', 'Ada');
    expect([await storage.getItem('cache:users:1'), await users.getKeys()]).toEqual(['Ada', ['1']]);
    const kept = await snapshot(storage, 'cache');
    await users.removeItem('1');
    await restoreSnapshot(storage, kept, 'cache');
    expect(await storage.getItems(['cache:users:1'])).toEqual([{ key: 'cache:users:1', value: 'Ada' }]);
    expect(seen).toEqual(['update cache:users:1', 'remove cache:users:1', 'update cache:users:1']);
  });

  test('leaves the Understudy running unless it is its own', async () => {
    const understudy = await start();
    await storageOn(understudy).dispose();
    expect(understudy.state).not.toBe('stopped');
    await storageOn(understudy, { ownsUnderstudy: true }).dispose();
    expect(understudy.state).toBe('stopped');
  });
});

test('of many each lives as long as it was told, else as long as all, else as long as the storage says', async () => {
  const clock = new VirtualClock();
  const understudy = await started({ clock });
  const storage = storageOn(understudy, { ttl: 10 });
  const own = [{ key: 'own', value: 1, options: { ttl: 30 } }];
  await storage.setItems([...own, { key: 'common', value: 1 }], { ttl: 20 });
  await storage.setItems([{ key: 'default', value: 1 }]);
  const left: string[][] = [];
  for (let at = 0; at < 4; at += 1) {
    left.push((await storage.getKeys()).toSorted());
    await clock.advance(10_000);
  }
  expect(left).toEqual([['common', 'default', 'own'], ['common', 'own'], ['own'], []]);
});

describe.each(OUTAGES)('a storage with Redis $how', ({ begin, end }) => {
  test('nothing rejects, and deletions hold', async () => {
    const redis = await breakableRedis();
    const understudy = await started({ redis: { url: redis.url } });
    const [storage, others] = [storageOn(understudy), storageOn(understudy, { base: 'others' })];
    await storage.setItems(['kept', 'removed'].map((key) => ({ key, value: key })));
    await others.setItem('cleared', 1);
    await begin(redis);
    expect(await storage.getItem('kept')).toBe('kept');
    await storage.removeItem('removed');
    await others.clear();
    await storage.setItem('set', 'meanwhile', { ttl: 60 });
    expect(await storage.hasItem('removed')).toBe(false);
    expect((await storage.getKeys()).toSorted()).toEqual(['kept', 'set']);
    expect(await storage.getItems(['set', 'removed'])).toEqual([
      { key: 'set', value: 'meanwhile' },
      { key: 'removed', value: null },
    ]);
    await end(redis);
    await expect
      .poll(async () => ((await redis.call('KEYS', 'understudy:[ou]*')) as string[]).toSorted(), {
        timeout: 15_000,
      })
      .toEqual(['understudy:unstorage:kept', 'understudy:unstorage:set']);
    expect((await storage.getKeys()).toSorted()).toEqual(['kept', 'set']);
  });
});
