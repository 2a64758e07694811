import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createUnderstudy } from '../../src/system.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { replayed } from './replayed.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

async function held(key: string): Promise<unknown> {
  const stored = await redis.call('GET', `understudy:${key}`);
  return typeof stored === 'string' ? JSON.parse(stored).value : undefined;
}

test('a full journal refuses values, loses none that it took, and drops no deletion', async () => {
  const understudy = await createUnderstudy({
    redis: { url: redis.url },
    journal: { maxEntries: 3 },
  });
  onTestFinished(() => understudy.stop());
  const { cache } = understudy;
  const before = ['a', 'b', 'x', 'y', 'z'];
  await cache.setMany(before.map((key) => [key, 'before'] as const));
  await redis.call('SAVE');
  await redis.kill();
  await expect
    .poll(() => cache.get('a').then(() => understudy.health()), { interval: 1 })
    .toMatchObject({
      circuit_breaker_open: true,
    });

  await cache.set('a', 'during');
  await cache.set('b', 'during');
  await cache.set('c', 'during');
  await expect(cache.set('d', 'during')).rejects.toMatchObject({ code: 'JOURNAL_FULL', retryable: true });
  expect(await cache.get('d')).toBeUndefined();
  await cache.delete('x');
  await cache.delete('y');
  expect(await Promise.all(['a', 'b', 'c', 'x', 'y'].map((key) => cache.get(key)))).toEqual([
    'during',
    'during',
    'during',
    undefined,
    undefined,
  ]);

  await redis.restart();
  await replayed(understudy);
  expect(await Promise.all(['a', 'b', 'c'].map(held))).toEqual(['during', 'during', 'during']);
  expect(await Promise.all(['x', 'y'].map(held))).toEqual([undefined, undefined]);
});
