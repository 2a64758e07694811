import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/runtime/clock.ts';
import { connectClient, createClient, destroyClient } from '../../src/tiers/redis/client.ts';
import { RedisTier } from '../../src/tiers/redis/redis-tier.ts';
import { ServerTimes } from '../../src/tiers/redis/server-times.ts';
import { HybridClock, instanceOf } from '../../src/wire/hybrid-clock.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { Changes } from './changes.ts';
import { tierOptions } from './redis-tier-options.ts';

let redis: RedisServer;
let tier: RedisTier;
const changes = new Changes(new HybridClock(systemClock));
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  await redis.call('FLUSHALL');
  await redis.call('SCRIPT', 'FLUSH', 'SYNC');
  tier = new RedisTier(tierOptions({ kind: 'standalone', address: { host: '127.0.0.1', port: redis.port } }));
  await tier.connect();
});
afterEach(() => tier.disconnect());

test('on a server that has never seen the scripts, a read after a write sees it', async () => {
  const set = changes.set('a', 1);
  const written = tier.write([set]);
  const read = tier.read(['a']);
  await written;
  expect(await read).toEqual([set.stored]);
});

test('scripts that the server forgot are sent again', async () => {
  await tier.write([changes.set('a', 1)]);
  await redis.call('SCRIPT', 'FLUSH', 'SYNC');
  const set = changes.set('a', 2);
  expect(await tier.write([set])).toEqual([{ status: 'done' }]);
  await redis.call('SCRIPT', 'FLUSH', 'SYNC');
  expect(await tier.replay([changes.delete('a')])).toEqual([{ status: 'done' }]);
  expect(await tier.read(['a'])).toEqual([null]);
});

test('a deletion is remembered for as long as it was told', async () => {
  await tier.write([changes.delete('a')]);
  const left = Number(await redis.call('PTTL', 'test:~tombstone:{test:a}'));
  expect(left).toBeGreaterThan(50_000);
  expect(left).toBeLessThanOrEqual(60_000);
});

test('a probe tells the time of the server', async () => {
  const { serverTime, roundTrip } = await tier.probe();
  const [seconds] = (await redis.call('TIME')) as string[];
  expect(Math.abs(serverTime / 1_000 - Number(seconds))).toBeLessThan(5);
  expect(roundTrip).toBeGreaterThan(0);
});

test('what a clear had not come to when its process died goes with the first change that it keeps out', async () => {
  const [before, journaled] = [changes.set('g:a', 1), changes.set('g:a', 2)];
  await tier.write([before]);
  await tier.clear('g:', changes.delete('g:').version);
  expect(await tier.replay([journaled])).toEqual([{ status: 'superseded' }]);
  expect(await tier.read(['g:a'])).toEqual([null]);
  const after = changes.set('g:a', 3);
  expect(await tier.replay([after])).toEqual([{ status: 'done' }]);
});

test('deletions that found no room keep out what is older where there is nothing, and spare what waited beside them', async () => {
  const others = new Changes(new HybridClock(systemClock));
  const own = changes.set('own', 1);
  others.time.observe(own.version);
  const [foreign, newer] = [others.set('gone', 1), others.set('own', 2)];
  changes.time.observe(newer.version);
  const { version } = changes.delete('gone');
  others.time.observe(version);
  const later = others.set('gone', 3);
  await tier.clear('', version, [instanceOf(version)]);
  expect(await tier.replay([foreign, own])).toEqual([{ status: 'superseded' }, { status: 'done' }]);
  expect(await tier.read(['gone', 'own'])).toEqual([null, own.stored]);
  expect(await tier.replay([newer, later])).toEqual([{ status: 'done' }, { status: 'done' }]);
});

test('what deletions that found no room keep out gives no way to what is older and spared', async () => {
  const others = new Changes(new HybridClock(systemClock));
  const own = changes.set('a', 1);
  others.time.observe(own.version);
  const newer = others.set('a', 2);
  changes.time.observe(newer.version);
  const { version } = changes.delete('b');
  await tier.clear('', version, [instanceOf(version)]);
  expect(await tier.replay([newer])).toEqual([{ status: 'superseded' }]);
  expect(await tier.replay([own])).toEqual([{ status: 'superseded' }]);
  expect(await tier.read(['a'])).toEqual([null]);
});

test('a reading of the time tells the time of now, however long it has waited for others', async () => {
  const options = tierOptions({ kind: 'standalone', address: { host: '127.0.0.1', port: redis.port } });
  const client = createClient(options);
  await connectClient(client, options.connectTimeout);
  const times = await ServerTimes.read(client);
  await redis.call('BLPOP', 'nothing', '0.3');
  const before = times.report.serverTime;
  const [seconds, microseconds] = (await redis.call('TIME')) as string[];
  expect(Number(seconds) * 1_000 + Number(microseconds) / 1_000 - before).toBeLessThan(200);
  destroyClient(client);
});

test('without a connection everything is refused at once, and a new connection serves again', async () => {
  tier.disconnect();
  expect(tier.connected).toBe(false);
  await expect(tier.read(['a'])).rejects.toThrow('not connected');
  await expect(tier.write([changes.set('a', 1)])).rejects.toThrow('not connected');
  await expect(tier.scan('', undefined, 10)).rejects.toThrow('not connected');
  await tier.probe();
  expect(tier.connected).toBe(true);
  expect(await tier.read(['a'])).toEqual([null]);
});

test('where it is, for spans, has no credentials in it', () => {
  expect(tier.address).toEqual({ host: '127.0.0.1', port: redis.port });
});
