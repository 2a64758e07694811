import { Keyv } from 'keyv';
import { describe, expect, test } from 'vitest';
import { createKeyvStore } from '../../src/adapters/keyv.ts';
import type { Understudy } from '../../src/index.ts';
import { breakableRedis, OUTAGES } from './outages.ts';
import { stands, started } from './stands.ts';

const FALSY = [null, false, 0, '', [], {}];

function keyvOn(understudy: Understudy, namespace?: string, useKeyPrefix = true): Keyv {
  const keyv = new Keyv({ store: createKeyvStore(understudy), useKeyPrefix, throwOnErrors: true });
  keyv.namespace = namespace;
  return keyv;
}

/** All that a Keyv iterates over. */
async function entriesOf(keyv: Keyv): Promise<[string, unknown][]> {
  const entries: [string, unknown][] = [];
  for await (const entry of keyv.iterator?.(undefined) ?? []) entries.push(entry);
  return entries;
}

describe.each(stands())('a Keyv store on $on', ({ start }) => {
  test('keeps falsy values apart from nothing', async () => {
    const keyv = keyvOn(await start(), 'falsy');
    await keyv.setMany(FALSY.map((value, at) => ({ key: `key ${at}`, value })));
    const keys = FALSY.map((_, at) => `key ${at}`);
    expect(await keyv.getMany([...keys, 'none'])).toEqual([...FALSY, undefined]);
    expect(await Promise.all(keys.map((key) => keyv.get(key)))).toEqual(FALSY);
    expect(await keyv.hasMany([...keys, 'none'])).toEqual([...FALSY.map(() => true), false]);
  });

  test('answers calls about many keys in the order asked for, also for a key asked for twice', async () => {
    const keyv = keyvOn(await start(), 'many');
    const entries = [
      { key: 'a', value: 1 },
      { key: 'b', value: 2, ttl: 60_000 },
    ];
    expect(await keyv.setMany(entries)).toEqual([true, true]);
    expect(await keyv.getMany(['b', 'none', 'a', 'b'])).toEqual([2, undefined, 1, 2]);
    expect(await keyv.deleteMany(['a', 'none'])).toBe(true);
    expect(await keyv.deleteMany(['a', 'none'])).toBe(false);
    expect(await keyv.getMany([])).toEqual([]);
  });

  test('does without serialisation where Keyv is told to, and keeps what the codec keeps', async () => {
    const keyv = keyvOn(await start());
    keyv.serialize = undefined;
    keyv.deserialize = undefined;
    await keyv.set('a', { list: [1, null], at: new Date(0) });
    expect(await keyv.get('a')).toEqual({ list: [1, null], at: new Date(0) });
  });

  test.each([true, false])(
    'namespaces do not see each other, with keys prefixed by Keyv: %s',
    async (prefixed) => {
      const understudy = await start();
      const names = [undefined, 'a', 'a:b', 'a%3Ab', 'ab', '*'];
      const keyvs = names.map((name) => keyvOn(understudy, name, prefixed));
      await understudy.cache.set('of the application', 1);
      for (const [at, keyv] of keyvs.entries()) {
        await keyv.set('b:same', at);
        await keyv.set('same', at);
      }
      expect(await Promise.all(keyvs.map((keyv) => keyv.get('b:same')))).toEqual([0, 1, 2, 3, 4, 5]);
      for (const [at, keyv] of keyvs.entries()) {
        await keyv.clear();
        const left = await Promise.all(keyvs.map((other) => other.get('same')));
        expect(left).toEqual(names.map((_, other) => (other <= at ? undefined : other)));
      }
      expect(await understudy.cache.keys()).toEqual(['of the application']);
    },
  );

  test('iterates over its namespace only, over any number of keys', async () => {
    const understudy = await start();
    const keyv = keyvOn(understudy, 'many');
    await keyvOn(understudy, 'many:others').set('x', 1);
    const entries = Array.from({ length: 700 }, (_, at) => ({ key: `key:${at}`, value: at }));
    await keyv.setMany(entries);
    const seen = await entriesOf(keyv);
    expect(seen).toHaveLength(700);
    expect(new Map(seen)).toEqual(new Map(entries.map(({ key, value }) => [key, value])));
  });

  test('leaves the Understudy running unless it is its own', async () => {
    const understudy = await start();
    await keyvOn(understudy).disconnect();
    expect(understudy.state).not.toBe('stopped');
    await new Keyv({ store: createKeyvStore(understudy, { ownsUnderstudy: true }) }).disconnect();
    expect(understudy.state).toBe('stopped');
  });
});

describe.each(OUTAGES)('with Redis $how', ({ begin, end }) => {
  test('nothing rejects, deletions hold, and Redis is told afterwards', async () => {
    const redis = await breakableRedis();
    const understudy = await started({ redis: { url: redis.url } });
    const [users, others] = [keyvOn(understudy, 'users'), keyvOn(understudy, 'others')];
    await users.setMany(['kept', 'deleted', 'one of many'].map((key) => ({ key, value: key })));
    await others.set('cleared', 1);
    await begin(redis);
    expect(await users.get('kept')).toBe('kept');
    expect(await users.delete('deleted')).toBe(true);
    expect(await users.deleteMany(['one of many'])).toBe(true);
    await others.clear();
    expect(await users.set('set', 'meanwhile', 60_000)).toBe(true);
    expect(await users.getMany(['kept', 'deleted', 'one of many', 'set'])).toEqual([
      'kept',
      undefined,
      undefined,
      'meanwhile',
    ]);
    expect(await users.hasMany(['kept', 'deleted'])).toEqual([true, false]);
    expect(new Map(await entriesOf(users))).toEqual(
      new Map([
        ['kept', 'kept'],
        ['set', 'meanwhile'],
      ]),
    );
    expect(await others.has('cleared')).toBe(false);
    await end(redis);
    await expect
      .poll(async () => (await redis.call('KEYS', 'understudy:keyv:*')) as string[], { timeout: 15_000 })
      .toSatisfy((keys: string[]) => keys.length === 2);
    expect(await users.getMany(['kept', 'deleted', 'set'])).toEqual(['kept', undefined, 'meanwhile']);
    expect(await others.has('cleared')).toBe(false);
  });
});
