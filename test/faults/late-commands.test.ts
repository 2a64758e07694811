import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { OptionsInput } from '../../src/config/schema.ts';
import type { Understudy } from '../../src/system/understudy.ts';
import { createUnderstudy } from '../../src/system.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { startProxy } from '../servers/tcp-proxy.ts';
import { DelayedDelivery } from './delayed-delivery.ts';
import { replayed } from './replayed.ts';

let redis: RedisServer;
let run = 0;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

async function start(at: OptionsInput['redis'] = { url: redis.url }): Promise<Understudy> {
  const understudy = await createUnderstudy({ prefix: `${++run}:`, redis: at });
  onTestFinished(() => understudy.stop());
  return understudy;
}

async function held(key: string): Promise<unknown> {
  const stored = await redis.call('GET', `${run}:${key}`);
  return typeof stored === 'string' ? JSON.parse(stored).value : undefined;
}

test('increments that a frozen Redis was sent add up exactly once', async () => {
  const understudy = await start();
  const { cache } = understudy;
  await cache.increment('n', 5);
  await redis.freeze();
  const sums = await Promise.all(Array.from({ length: 40 }, () => cache.increment('n')));
  expect(Math.max(...sums)).toBe(45);
  await redis.thaw();
  await replayed(understudy);
  expect(await held('n')).toBe(45);
  expect(await cache.get('n')).toBe(45);
});

test('what arrives after its sender gave up changes nothing', async () => {
  await using network = await DelayedDelivery.start(redis.port);
  const understudy = await start({ host: '127.0.0.1', port: network.port });
  const { cache } = understudy;
  await cache.set('k', 'first');
  await cache.set('gone', 'first');
  await cache.increment('n', 5);
  network.hold();
  const late = await Promise.all([cache.set('k', 'late'), cache.set('gone', 'late'), cache.increment('n')]);
  expect(late[0]).toMatchObject({ durable: false });
  await replayed(understudy);
  expect(await cache.set('k', 'last')).toMatchObject({ durable: true });
  await cache.delete('gone');
  expect(await held('k')).toBe('last');
  await network.deliver();
  expect(await held('k')).toBe('last');
  expect(await held('gone')).toBeUndefined();
  expect(await held('n')).toBe(6);
});

test.for([1, 5])(
  'increments that were answered before Redis did so are not made twice (%i of them)',
  async (count) => {
    await using proxy = await startProxy(redis.port);
    const understudy = await start({ host: '127.0.0.1', port: proxy.port });
    const { cache } = understudy;
    await cache.increment('n', 5);
    proxy.latency(120);
    await Promise.all(Array.from({ length: count }, () => cache.increment('n', 1, { deadline: 60 })));
    await replayed(understudy);
    await proxy.heal();
    expect(await held('n')).toBe(5 + count);
  },
);
