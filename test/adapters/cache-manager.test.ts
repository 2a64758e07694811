import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { describe, expect, test, vi } from 'vitest';
import { createKeyvStore } from '../../src/adapters/keyv.ts';
import type { Understudy } from '../../src/index.ts';
import { breakableRedis, OUTAGES } from './outages.ts';
import { stands, started } from './stands.ts';

function managerOn(understudy: Understudy, namespace = 'managed') {
  const store = createKeyvStore(understudy);
  return createCache({ stores: [new Keyv({ store, namespace, throwOnErrors: true })] });
}

describe.each(stands())('cache-manager on $on', ({ start }) => {
  test('wrap loads once, also when many ask at the same time', async () => {
    const understudy = await start();
    const [cache, other] = [managerOn(understudy), managerOn(understudy)];
    const load = vi.fn(async () => ({ name: 'Ada' }));
    expect(await Promise.all([1, 2].map(() => cache.wrap('a', load, 60_000)))).toEqual([
      { name: 'Ada' },
      { name: 'Ada' },
    ]);
    expect(await other.wrap('a', load, 60_000)).toEqual({ name: 'Ada' });
    expect(load).toHaveBeenCalledTimes(1);
  });

  test('ttl tells when a value ends, and what has none does not', async () => {
    const cache = managerOn(await start());
    await cache.set('brief', 1, 60_000);
    await cache.set('lasting', 1);
    const left = Number(await cache.ttl('brief')) - Date.now();
    expect(left).toBeGreaterThan(50_000);
    expect(left).toBeLessThanOrEqual(60_000);
    expect(await cache.ttl('lasting')).toBeUndefined();
    expect(await cache.get('lasting')).toBe(1);
  });

  test('mget, mset, del and mdel do as their names say', async () => {
    const cache = managerOn(await start());
    await cache.mset(['a', 'b', 'c'].map((key, value) => ({ key, value })));
    expect(await cache.mget(['c', 'none', 'a'])).toEqual([2, undefined, 0]);
    await cache.del('a');
    await cache.mdel(['b', 'none']);
    expect(await cache.mget(['a', 'b', 'c'])).toEqual([undefined, undefined, 2]);
  });

  test('clear leaves alone what is not its own', async () => {
    const understudy = await start();
    const [cache, other] = [managerOn(understudy), managerOn(understudy, 'managed2')];
    await Promise.all([cache.set('a', 1), other.set('a', 2), understudy.cache.set('a', 3)]);
    await cache.clear();
    expect([await cache.get('a'), await other.get('a'), await understudy.cache.get('a')]).toEqual([
      undefined,
      2,
      3,
    ]);
  });
});

describe.each(OUTAGES)('cache-manager with Redis $how', ({ begin, end }) => {
  test('nothing rejects, and deletions hold', async () => {
    const redis = await breakableRedis();
    const cache = managerOn(await started({ redis: { url: redis.url } }));
    await cache.mset(['kept', 'deleted'].map((key) => ({ key, value: key })));
    await begin(redis);
    expect(await cache.get('kept')).toBe('kept');
    await cache.del('deleted');
    expect(await cache.wrap('loaded', async () => 'fresh', 60_000)).toBe('fresh');
    expect(await cache.wrap('loaded', async () => 'again', 60_000)).toBe('fresh');
    expect(await cache.mget(['kept', 'deleted'])).toEqual(['kept', undefined]);
    await end(redis);
    const stored = async () =>
      [await redis.call('KEYS', '*:deleted'), await redis.call('KEYS', '*:loaded')].map(
        (keys) => (keys as string[]).length,
      );
    await expect.poll(stored, { timeout: 15_000 }).toEqual([0, 1]);
    expect(await cache.mget(['kept', 'deleted', 'loaded'])).toEqual(['kept', undefined, 'fresh']);
    await cache.clear();
    expect(await cache.mget(['kept', 'loaded'])).toEqual([undefined, undefined]);
  });
});
