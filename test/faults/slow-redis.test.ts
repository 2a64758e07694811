import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { createUnderstudy } from '../../src/system.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { startProxy, type TcpProxy } from '../servers/tcp-proxy.ts';
import { expectBars, TIME_TO_RETURN } from './bars.ts';
import { heldBy } from './held-by-redis.ts';
import { LoadedSystem, now } from './loaded-system.ts';
import { replayed } from './replayed.ts';

/** Milliseconds by which replies are late: well below the command timeout of 250. */
const SLOW = 60;

let redis: RedisServer;
let proxy: TcpProxy;
let prefix = 0;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  proxy = await startProxy(redis.port);
  onTestFinished(() => proxy.stop());
  prefix++;
});

const slowly = () => ({ prefix: `${prefix}:`, redis: { host: '127.0.0.1', port: proxy.port } });

test('replies that are slow but in time are waited for, and nothing piles up', async ({ annotate }) => {
  await using system = await LoadedSystem.start({ options: slowly(), held: heldBy(redis, `${prefix}:`) });
  proxy.latency(SLOW, 20);
  await system.answered(4_000);
  const { waiting } = await system.understudy.ask({ type: 'cache.stats' });
  const slowed = system.load.calls.slice(-1_000);
  await proxy.heal();
  await system.answered(400);
  const report = await system.finish();
  await annotate(JSON.stringify({ waiting, ...report }));
  expectBars(report);
  expect(system.timeline.open()).toEqual([]);
  expect(slowed.filter(({ degraded }) => degraded)).toEqual([]);
  // A few round trips' worth of a load of 2000 a second.
  expect(waiting).toBeLessThanOrEqual(1_000);
});

test('a Redis that comes back far away is taken back: the trial has the time of one command', async () => {
  const understudy = await createUnderstudy(slowly());
  onTestFinished(() => understudy.stop());
  await proxy.refuse();
  const isOpen = async () => {
    await understudy.cache.get('k');
    return (await understudy.ask({ type: 'circuit-breaker.status' })).state;
  };
  await expect.poll(isOpen, { interval: 1 }).toBe('open');
  proxy.latency(SLOW * 3);
  await proxy.listen();
  const returned = now();
  await replayed(understudy);
  expect(now() - returned).toBeLessThanOrEqual(TIME_TO_RETURN);
  expect(await understudy.cache.set('k', 1)).toMatchObject({ durable: true });
});

test('a change that waits its turn is not made after a later one', async () => {
  const understudy = await createUnderstudy({ ...slowly(), batch: { maxInFlight: 1 } });
  onTestFinished(() => understudy.stop());
  const { cache } = understudy;
  await cache.set('n', 0);
  proxy.latency(60);
  const before = Array.from({ length: 6 }, async (_, at) => {
    for (let turn = 0; turn < at; turn++) await new Promise(setImmediate);
    return cache.get(`${at}`);
  });
  for (let turn = 0; turn < 8; turn++) await new Promise(setImmediate);
  expect(await cache.set('n', 10, { deadline: 30 })).toMatchObject({ durable: false });
  expect(await cache.increment('n', 5)).toBe(15);
  await Promise.all(before);
  await replayed(understudy);
  expect(await redis.call('GET', `${prefix}:n`)).toContain('"value":15}');
  expect(await cache.get('n')).toBe(15);
});

test('nor when so much waits that the later one does not wait with it', async () => {
  const understudy = await createUnderstudy({
    ...slowly(),
    batch: { maxInFlight: 1 },
    mailbox: { capacity: 200 },
  });
  onTestFinished(() => understudy.stop());
  const { cache } = understudy;
  proxy.latency(60);
  const many = cache.setMany(Array.from({ length: 220 }, (_, at) => [`${at}`, 'older'] as const));
  await new Promise(setImmediate);
  // Among those that wait for the fourth batch.
  await cache.set('195', 'newer');
  await many;
  await replayed(understudy);
  expect(await redis.call('GET', `${prefix}:195`)).toContain('"newer"');
  expect(await cache.get('195')).toBe('newer');
});

test('what Redis did not take is not hidden by a read that was out meanwhile', async () => {
  const understudy = await createUnderstudy(slowly());
  onTestFinished(() => understudy.stop());
  const { cache } = understudy;
  await cache.set('k', 'before');
  await redis.call('REPLICAOF', '127.0.0.1', '1');
  proxy.latency(60);
  const write = cache.set('k', 'during');
  // Long enough that the read has an answer of its own.
  await cache.get('another', { deadline: 30 });
  expect(await Promise.all([write, cache.find('k')])).toMatchObject([
    { durable: false },
    { value: 'before' },
  ]);
  expect(await cache.find('k')).toMatchObject({ value: 'during', degraded: true });
  await redis.call('REPLICAOF', 'NO', 'ONE');
  await replayed(understudy);
  expect(await redis.call('GET', `${prefix}:k`)).toContain('"during"');
});
