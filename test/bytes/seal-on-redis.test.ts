import { expect, test } from 'vitest';
import { SuiteRedis, understudies } from '../cache/systems.ts';

const redis = new SuiteRedis();
const start = understudies();
const seal = { mode: 'encrypt', keys: [{ id: 'k1', secret: 'a'.repeat(32) }] } as const;
const compression = { algorithm: 'zstd' } as const;

test('what was set is got by another process, and is nothing that Redis could tell', async () => {
  const [one, other] = await Promise.all([
    start({ ...redis.options, seal, compression }),
    start({ ...redis.options, seal, compression }),
  ]);
  const value = { at: new Date(0), secret: 'hunter2'.repeat(500), by: new Map([['a', 1n]]) };
  await one.cache.set('a', value);
  const stored = String(await redis.call('GET', 'understudy:a'));
  expect(stored).toMatch(/"codec":"rich\+zstd\+encrypted","length":\d+,"keyId":"k1","value":"[\w+/=]+"}$/);
  expect(stored).not.toContain('hunter2');
  expect(await other.cache.get('a')).toEqual(value);
  expect(await one.cache.get('a')).toEqual(value);
});

test('large', async () => {
  const one = await start({ ...redis.options, seal, compression });
  const value = { secret: 'hunter2'.repeat(50_000) };
  await one.cache.set('a', value);
  expect(await one.cache.get('a')).toEqual(value);
  expect(await one.cache.find('a')).toMatchObject({ found: true, value });
  await redis.call('SET', 'understudy:b', String(await redis.call('GET', 'understudy:a')));
  expect(await one.cache.find('b')).toEqual({ found: false, tier: 'redis', degraded: false });
  void one.cache.set('a', value);
  const s = one.cache.set('a', 1);
  expect(await one.cache.get('a')).toEqual(1);
  await s;
  expect(await one.cache.get('a')).toEqual(1);
});
