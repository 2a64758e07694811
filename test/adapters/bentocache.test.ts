import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { describe, expect, onTestFinished, test } from 'vitest';
import { understudyDriver } from '../../src/adapters/bentocache.ts';
import type { Understudy } from '../../src/index.ts';
import { breakableRedis, OUTAGES } from './outages.ts';
import { stands, started } from './stands.ts';

function driverOn(understudy: Understudy, prefix?: string) {
  const { factory, options } = understudyDriver({ understudy });
  return factory({ ...options, prefix });
}

/** A BentoCache whose second layer is the Understudy; with a first one in memory if so asked. */
function bentoOn(understudy: Understudy, { l1 = false } = {}) {
  const second = bentostore().useL2Layer(understudyDriver({ understudy }));
  const stores = { main: l1 ? second.useL1Layer(memoryDriver()) : second };
  const bento = new BentoCache({ default: 'main', stores });
  onTestFinished(() => bento.disconnectAll());
  return bento;
}

describe.each(stands())('a driver of BentoCache on $on', ({ start }) => {
  test('keeps prefixes apart, and clears its own only', async () => {
    const understudy = await start();
    const [one, other] = [driverOn(understudy, 'app'), driverOn(understudy, 'app2:')];
    await understudy.cache.set('of the application', 1);
    await one.set('a', 'one');
    await other.set('a', 'other');
    expect([await one.get('a'), await other.get('a')]).toEqual(['one', 'other']);
    await one.clear();
    expect((await understudy.cache.keys()).toSorted()).toEqual(['app2:a', 'of the application']);
  });

  test('begins keys as BentoCache is told to, or as it is told itself', async () => {
    const understudy = await start();
    const named = bentostore().useL2Layer(understudyDriver({ understudy }));
    const own = bentostore().useL2Layer(understudyDriver({ understudy, prefix: 'own' }));
    const bento = new BentoCache({ default: 'named', prefix: 'app', stores: { named, own } });
    await bento.set({ key: 'a', value: 1 });
    await bento.use('own').set({ key: 'a', value: 1 });
    expect((await understudy.cache.keys()).toSorted()).toEqual(['app:a', 'own:a']);
  });

  test('of those who pull at once one is given the value', async () => {
    const driver = driverOn(await start());
    await driver.set('a', 'once');
    const pulled = await Promise.all([1, 2, 3].map(() => driver.pull('a')));
    expect(pulled.filter((value) => value !== undefined)).toEqual(['once']);
  });

  test('tells the first versions of BentoCache 1 whether it has a key', async () => {
    const driver = driverOn(await start());
    await driver.set('a', 'text');
    if (!('has' in driver) || typeof driver.has !== 'function') throw new Error('It cannot tell');
    expect([await driver.has('a'), await driver.has('b')]).toEqual([true, false]);
  });

  test('has nothing where somebody else put what is no text', async () => {
    const understudy = await start();
    await understudy.cache.set('bentocache:a', { value: 1 });
    expect(await driverOn(understudy).get('a')).toBeUndefined();
  });

  test('leaves the Understudy running unless it is its own', async () => {
    const understudy = await start();
    await bentoOn(understudy).disconnectAll();
    expect(understudy.state).not.toBe('stopped');
    const { factory, options } = understudyDriver({ understudy, ownsUnderstudy: true });
    await factory(options).namespace('within').disconnect();
    expect(understudy.state).toBe('stopped');
  });

  test('BentoCache loads once, and finds again what another instance of it stored', async () => {
    const understudy = await start();
    const [one, other] = [bentoOn(understudy, { l1: true }), bentoOn(understudy)];
    const values = [null, false, 0, '', { at: 1 }];
    for (const [at, value] of values.entries()) {
      const key = `key ${at}`;
      expect(await one.getOrSet({ key, ttl: '5m', factory: () => value })).toEqual(value);
      expect(await other.getOrSet({ key, factory: () => 'again' })).toEqual(value);
    }
    expect(await other.delete({ key: 'key 4' })).toBe(true);
    expect(await other.has({ key: 'key 4' })).toBe(false);
  });

  test('BentoCache deletes by tag, pulls, and clears a namespace', async () => {
    const bento = bentoOn(await start());
    await bento.set({ key: 'a', value: 1, tags: ['users'] });
    await bento.deleteByTag({ tags: ['users'] });
    expect(await bento.get({ key: 'a' })).toBeUndefined();
    await bento.set({ key: 'b', value: 2 });
    expect([await bento.pull('b'), await bento.get({ key: 'b' })]).toEqual([2, undefined]);
    const users = bento.namespace('users');
    await users.set({ key: 'a', value: 3 });
    await bento.set({ key: 'c', value: 4 });
    await users.clear();
    expect([await users.get({ key: 'a' }), await bento.get({ key: 'c' })]).toEqual([undefined, 4]);
  });
});

describe.each(OUTAGES)('with Redis $how', ({ begin, end }) => {
  test('nothing rejects though no error is suppressed, and deletions hold', async () => {
    const redis = await breakableRedis();
    const understudy = await started({ redis: { url: redis.url } });
    const bento = bentoOn(understudy);
    const strict = { suppressL2Errors: false };
    for (const key of ['kept', 'deleted', 'pulled']) await bento.set({ key, value: key, ...strict });
    await bento.namespace('users').set({ key: 'cleared', value: 1, ...strict });
    await begin(redis);
    expect(await bento.get({ key: 'kept', ...strict })).toBe('kept');
    expect(await bento.pull('pulled')).toBe('pulled');
    expect(await bento.delete({ key: 'deleted', ...strict })).toBe(true);
    await bento.namespace('users').clear(strict);
    expect(await bento.getOrSet({ key: 'loaded', factory: () => 'fresh', ...strict })).toBe('fresh');
    expect(await bento.getOrSet({ key: 'loaded', factory: () => 'again', ...strict })).toBe('fresh');
    await end(redis);
    await expect
      .poll(async () => (await redis.call('KEYS', 'understudy:bentocache:*')) as string[], {
        timeout: 15_000,
      })
      .toSatisfy((keys: string[]) => keys.length === 2);
    expect(await bento.get({ key: 'loaded', ...strict })).toBe('fresh');
    for (const key of ['deleted', 'pulled']) expect(await bento.has({ key, ...strict })).toBe(false);
    expect(await bento.namespace('users').has({ key: 'cleared', ...strict })).toBe(false);
  });
});
