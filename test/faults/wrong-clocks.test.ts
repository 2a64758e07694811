import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/runtime/clock.ts';
import type { Understudy } from '../../src/system/understudy.ts';
import { createUnderstudy } from '../../src/system.ts';
import { SkewedClock } from '../clock/skewed-clock.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { startProxy, type TcpProxy } from '../servers/tcp-proxy.ts';
import { until } from '../servers/until.ts';
import { replayed } from './replayed.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let redis: RedisServer;
let run = 0;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

async function held(key: string): Promise<unknown> {
  const stored = await redis.call('GET', `${run}:${key}`);
  return typeof stored === 'string' ? JSON.parse(stored).value : undefined;
}
const left = async (key: string): Promise<number> => Number(await redis.call('PTTL', `${run}:${key}`));

async function serverTime(): Promise<number> {
  const time = await redis.call('TIME');
  return Array.isArray(time) ? Number(time[0]) * 1_000 + Number(time[1]) / 1_000 : Number.NaN;
}

/** Instances know the time of Redis to half a round trip only: what is to be told apart must lie further apart. */
async function apart(): Promise<void> {
  const begin = await serverTime();
  await until('time has passed', async () => (await serverTime()) > begin + 150, { timeoutMs: 5_000 });
}

async function start(clock: SkewedClock, port: number): Promise<Understudy> {
  const understudy = await createUnderstudy({
    prefix: `${run}:`,
    redis: { host: '127.0.0.1', port, commandTimeout: 2_000 },
    deadline: 4_000,
    clock,
  });
  onTestFinished(() => understudy.stop());
  return understudy;
}

async function aProxy(): Promise<TcpProxy> {
  const proxy = await startProxy(redis.port);
  onTestFinished(() => proxy.stop());
  return proxy;
}

describe.each([
  ['an hour ahead', HOUR],
  ['an hour behind', -HOUR],
  ['a minute ahead', MINUTE],
  ['a minute behind', -MINUTE],
])('an instance whose clock is %s', (_name, off) => {
  test('and that began without Redis overwrites nothing newer, and what it wrote last stays', async () => {
    run++;
    const proxy = await aProxy();
    await proxy.refuse();
    const other = await start(new SkewedClock(systemClock, 0), redis.port);
    await other.cache.set('older', 'other');
    await other.cache.set('count', 10);
    await other.cache.set('doomed', 'other');
    await other.cache.set('swept:1', 'other');
    const wrong = await start(new SkewedClock(systemClock, off), proxy.port);
    await apart();
    await wrong.cache.set('older', 'wrong', { ttl: '10m' });
    await wrong.cache.set('newer', 'wrong');
    await wrong.cache.delete('doomed');
    await wrong.cache.delete('revived');
    await wrong.cache.increment('count', 5);
    await wrong.cache.clear('swept:');
    await wrong.cache.touch('older', '20m');
    await apart();
    await other.cache.set('newer', 'other');
    await other.cache.set('revived', 'other');
    await other.cache.set('swept:2', 'other');
    await proxy.heal();
    await replayed(wrong);
    const keys = ['older', 'newer', 'doomed', 'revived', 'count', 'swept:1', 'swept:2'];
    const expected = ['wrong', 'other', undefined, 'other', 15, undefined, 'other'];
    expect(await Promise.all(keys.map(held))).toEqual(expected);
    expect(await left('older')).toBeGreaterThan(19 * MINUTE);
    expect(await left('older')).toBeLessThanOrEqual(20 * MINUTE);
    expect(await Promise.all(keys.map((key) => wrong.cache.get(key)))).toEqual(expected);
    expect(await Promise.all(keys.map((key) => other.cache.get(key)))).toEqual(expected);
    // What memory kept has the time to live that it was given, by the right clock.
    await proxy.refuse();
    expect(await wrong.cache.get('older')).toBe('wrong');
  });

  test('takes part as any other once it has heard from Redis', async () => {
    run++;
    const proxy = await aProxy();
    const wrong = await start(new SkewedClock(systemClock, off), proxy.port);
    const other = await start(new SkewedClock(systemClock, 0), redis.port);
    await wrong.cache.set('a', 'wrong');
    await other.cache.set('a', 'other');
    await other.cache.set('b', 'other');
    await proxy.refuse();
    await apart();
    await wrong.cache.set('b', 'wrong');
    await wrong.cache.set('c', 'wrong');
    await apart();
    await other.cache.set('c', 'other');
    await proxy.heal();
    await replayed(wrong);
    expect(await Promise.all(['a', 'b', 'c'].map(held))).toEqual(['other', 'wrong', 'other']);
  });
});

test.each([HOUR, -HOUR])('a clock that jumps by %i ms in an outage changes nothing', async (by) => {
  run++;
  const proxy = await aProxy();
  const clock = new SkewedClock(systemClock, 0);
  const jumping = await start(clock, proxy.port);
  const other = await start(new SkewedClock(systemClock, 0), redis.port);
  await jumping.cache.set('k', 'before', { ttl: '10m' });
  await proxy.refuse();
  await jumping.cache.set('k', 'during', { ttl: '10m' });
  clock.jump(by);
  expect(await jumping.cache.get('k')).toBe('during');
  await jumping.cache.set('after', 'jumping', { ttl: '10m' });
  await apart();
  await other.cache.set('after', 'other', { ttl: '10m' });
  await proxy.heal();
  await replayed(jumping);
  expect(await Promise.all(['k', 'after'].map(held))).toEqual(['during', 'other']);
  expect(await left('k')).toBeGreaterThan(9 * MINUTE);
  expect(await left('k')).toBeLessThanOrEqual(10 * MINUTE);
});
