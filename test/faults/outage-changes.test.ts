import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Understudy } from '../../src/system/understudy.ts';
import { createUnderstudy } from '../../src/system.ts';
import { settled } from '../../src/testing/settled.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { startProxy, type TcpProxy } from '../servers/tcp-proxy.ts';
import { replayed } from './replayed.ts';
import { Timeline } from './timeline.ts';

let redis: RedisServer;
let proxy: TcpProxy;
let understudy: Understudy;
let timeline: Timeline;
let run = 0;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  proxy = await startProxy(redis.port);
  understudy = await create();
  timeline = new Timeline(understudy, false);
});
afterEach(async () => {
  await understudy.stop();
  await proxy.stop();
});

function create(): Promise<Understudy> {
  return createUnderstudy({ prefix: `${++run}:`, redis: { host: '127.0.0.1', port: proxy.port } });
}

async function held(key: string): Promise<unknown> {
  const stored = await redis.call('GET', `${run}:${key}`);
  return typeof stored === 'string' ? JSON.parse(stored).value : undefined;
}

/** Resolves when the system knows of it. */
async function outage(): Promise<void> {
  await proxy.refuse();
  const opened = timeline.breaker('open', 2_000);
  await Promise.all(Array.from({ length: 5 }, () => understudy.cache.get('nothing')));
  for (let failure = 0; failure < 5; failure++) await understudy.cache.get('nothing');
  await opened;
}

async function recovery(): Promise<void> {
  await proxy.heal();
  await replayed(understudy);
}

test('what was deleted is deleted, though memory never knew it', async () => {
  const { cache } = understudy;
  const other = await createUnderstudy({ prefix: `${run}:`, redis: { url: redis.url } });
  await other.cache.setMany([
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ]);
  await outage();
  await cache.delete('a');
  await cache.deleteMany(['b']);
  expect(await cache.find('a')).toEqual({ found: false, tier: 'memory', degraded: true });
  await recovery();
  expect(await Promise.all(['a', 'b', 'c'].map(held))).toEqual([undefined, undefined, 3]);
  expect(await cache.get('c')).toBe(3);
  await other.stop();
});

test('what another instance wrote during the outage is not overwritten by what is older', async () => {
  const { cache } = understudy;
  await cache.set('k', 'before');
  await outage();
  await cache.set('k', 'during');
  await cache.delete('gone');
  const other = await createUnderstudy({ prefix: `${run}:`, redis: { url: redis.url } });
  await other.cache.set('k', 'after');
  await other.cache.set('gone', 'after');
  await recovery();
  expect(await held('k')).toBe('after');
  expect(await held('gone')).toBe('after');
  expect(await cache.get('k')).toBe('after');
  await other.stop();
});

test('a cleared prefix is cleared in Redis, but not what was written to it since', async () => {
  const { cache } = understudy;
  await cache.setMany(Array.from({ length: 300 }, (_, at) => [`user:${at}`, at] as const));
  await cache.set('order:1', 1);
  await redis.call('SET', `${run}:user:foreign`, '"written by somebody else"');
  await outage();
  await cache.set('user:7', 'cleared');
  await cache.clear('user:');
  await cache.set('user:1', 'since');
  await cache.increment('user:count', 3);
  expect(await cache.get('user:7')).toBeUndefined();
  await recovery();
  // What begins with a tilde is no key of a user.
  const left = await redis.call('KEYS', `${run}:[^~]*`);
  expect(Array.isArray(left) && left.toSorted()).toEqual([
    `${run}:order:1`,
    `${run}:user:1`,
    `${run}:user:count`,
  ]);
  expect(await held('user:1')).toBe('since');
  expect(await cache.keys('user:')).toEqual(expect.arrayContaining(['user:1', 'user:count']));
});

test('a value is loaded once, and reaches Redis afterwards', async () => {
  const { cache } = understudy;
  await outage();
  let loads = 0;
  const load = async () => `loaded ${++loads}`;
  const values = await Promise.all(Array.from({ length: 100 }, () => cache.getOrSet('k', load)));
  expect(new Set(values)).toEqual(new Set(['loaded 1']));
  await recovery();
  expect(await held('k')).toBe('loaded 1');
  expect(loads).toBe(1);
});

test('increments add up with what Redis held, and with those of others', async () => {
  const { cache } = understudy;
  await cache.increment('n', 10);
  await outage();
  expect(await cache.increment('n', 5)).toBe(15);
  await cache.increment('n', -2);
  await cache.increment('fresh', 4);
  const other = await createUnderstudy({ prefix: `${run}:`, redis: { url: redis.url } });
  await other.cache.increment('n', 100);
  await recovery();
  expect(await held('n')).toBe(113);
  expect(await held('fresh')).toBe(4);
  expect(await cache.get('n')).toBe(113);
  await other.stop();
});

test('an increment whose answer was lost is not made again', async () => {
  const { cache } = understudy;
  await cache.increment('n', 10);
  proxy.closeMidReply(3);
  expect(await cache.increment('n')).toBe(11);
  await replayed(understudy);
  expect(await held('n')).toBe(11);
});

test('touched keys live as long as they were told to', async () => {
  const { cache } = understudy;
  await cache.set('k', 1, { ttl: '1m' });
  await outage();
  expect(await cache.touch('k', '2h')).toBe(true);
  await recovery();
  const left = Number(await redis.call('PTTL', `${run}:k`));
  expect(left).toBeGreaterThan(7_100_000);
  expect(left).toBeLessThanOrEqual(7_200_000);
});

test('what expires during the outage does not come back, nor what it replaced', async () => {
  const { cache } = understudy;
  await cache.set('k', 'long', { ttl: '1h' });
  await outage();
  await cache.set('k', 'short', { ttl: 60 });
  await expect.poll(() => cache.get('k'), { interval: 5 }).toBeUndefined();
  await recovery();
  expect(await held('k')).toBeUndefined();
});

test('while the journal is replayed every read finds the newest value', async () => {
  const { cache } = understudy;
  const keys = Array.from({ length: 1_500 }, (_, at) => `k${at}`);
  await cache.setMany(keys.map((key) => [key, 'before'] as const));
  await outage();
  await cache.setMany(keys.map((key) => [key, 'during'] as const));
  await cache.deleteMany(keys.slice(0, 300));
  const expected = new Map(keys.map((key, at) => [key, at < 300 ? undefined : 'during']));
  const closed = timeline.breaker('closed', 5_000);
  await proxy.heal();
  proxy.latency(20);
  await closed;
  let rounds = 0;
  for (let waiting = 1; waiting > 0; rounds++) {
    const found = await cache.getMany(keys);
    for (const [key, value] of expected) expect(`${key} ${found.get(key)}`).toBe(`${key} ${value}`);
    const late = `k${400 + rounds}`;
    await cache.set(late, `late ${rounds}`);
    expected.set(late, `late ${rounds}`);
    // Should Redis be given up on a busy machine, all is answered in the same turn, and the probe wants its own.
    await settled();
    waiting = (await understudy.ask({ type: 'cache.stats' })).journal.entries;
  }
  expect(rounds).toBeGreaterThan(2);
  await recovery();
  for (const [key, value] of expected) expect(await held(key)).toBe(value);
});

test('a touch during an outage does not lift an older value over what another instance wrote', async () => {
  const { cache } = understudy;
  await outage();
  await cache.set('overwritten', 'older');
  await cache.set('deleted', 'older');
  const other = await createUnderstudy({ prefix: `${run}:`, redis: { url: redis.url } });
  await other.cache.set('overwritten', 'newer');
  await other.cache.delete('deleted');
  await cache.touch('overwritten', '2h');
  await cache.touch('deleted', '2h');
  await recovery();
  expect([await held('overwritten'), await held('deleted')]).toEqual(['newer', undefined]);
  await other.stop();
});

test('a touch by another instance does not keep out what was written during the outage', async () => {
  const { cache } = understudy;
  const other = await createUnderstudy({ prefix: `${run}:`, redis: { url: redis.url } });
  await other.cache.set('touched', 'older');
  await outage();
  await cache.set('touched', 'newer');
  await other.cache.touch('touched', '2h');
  await recovery();
  expect(await held('touched')).toBe('newer');
  await other.stop();
});

test('what another instance cleared does not come back, though the clear found nothing', async () => {
  const { cache } = understudy;
  await outage();
  await cache.set('user:1', 'older');
  const other = await createUnderstudy({ prefix: `${run}:`, redis: { url: redis.url } });
  expect(await other.cache.clear('user:')).toBe(0);
  await cache.set('user:2', 'newer');
  await recovery();
  expect([await held('user:1'), await held('user:2')]).toEqual([undefined, 'newer']);
  await other.stop();
});

test('what another instance writes after a clear was accepted stays, however late that is carried out', async () => {
  const { cache } = understudy;
  const other = await createUnderstudy({ prefix: `${run}:`, redis: { url: redis.url } });
  await cache.set('user:1', 'older');
  proxy.blackHole();
  const accepted = await understudy.ask({ type: 'cache.clear', prefix: 'user:' });
  expect(accepted.durable).toBe(false);
  await other.cache.set('user:2', 'newer');
  await recovery();
  expect([await held('user:1'), await held('user:2')]).toEqual([undefined, 'newer']);
  await other.stop();
});
