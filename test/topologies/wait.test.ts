import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { PrivateRedis } from '../../src/cli/private-redis.ts';
import { createUnderstudy } from '../../src/system.ts';
import { startFleet, stopFleet, times } from '../servers/fleet.ts';
import { countsReplicas, isInSync } from '../servers/redis-info.ts';

// A starved machine must not make a healthy replica look late.
const PATIENT = { deadline: 10_000 };
const COMMAND_TIMEOUT = 4_000;

let servers: PrivateRedis[];
let master: PrivateRedis;
let replica: PrivateRedis;
beforeAll(async () => {
  servers = await startFleet(times(2, { args: ['--repl-diskless-sync-delay', '0'] }));
  [master, replica] = servers as [PrivateRedis, PrivateRedis];
  await replica.call('REPLICAOF', '127.0.0.1', master.port);
});
afterAll(() => stopFleet(servers));
beforeEach(async () => {
  await expect.poll(() => isInSync(replica), { timeout: 10_000 }).toBe(true);
  // There must be something of which the replica can say that it has it.
  await master.call('SET', 'something', '1');
  await expect.poll(() => countsReplicas(master, 1), { timeout: 10_000 }).toBe(true);
});

async function start(commandTimeout = COMMAND_TIMEOUT) {
  const redis = { url: master.url, commandTimeout };
  const understudy = await createUnderstudy({ redis, ...PATIENT });
  onTestFinished(() => understudy.stop());
  return understudy;
}

test('a write that a replica confirmed is durable and says how many did', async () => {
  const { cache } = await start();
  expect(await cache.set('k', 1, { wait: 1 })).toMatchObject({ durable: true, replicas: 1, tier: 'redis' });
  expect(await replica.call('GET', 'understudy:k')).toContain('"value":1');
});

test('every kind of change can wait', async () => {
  const understudy = await start();
  const confirmed = { durable: true, replicas: 1, tier: 'redis', degraded: false };
  const entries = Array.from({ length: 200 }, (_, at) => ({ key: `many:${at}`, value: at }));
  expect(await understudy.ask({ type: 'cache.setMany', entries, wait: 1 })).toMatchObject(confirmed);
  expect(await understudy.ask({ type: 'cache.touch', key: 'many:1', wait: 1 })).toMatchObject(confirmed);
  expect(await understudy.ask({ type: 'cache.increment', key: 'n', by: 3, wait: 1 })).toMatchObject({
    ...confirmed,
    value: 3,
  });
  expect(await understudy.ask({ type: 'cache.delete', key: 'many:0', wait: 1 })).toMatchObject({
    ...confirmed,
    existed: true,
  });
  const keys = ['many:1', 'many:2', 'missing'];
  expect(await understudy.ask({ type: 'cache.deleteMany', keys, wait: 1 })).toMatchObject({
    ...confirmed,
    deleted: 2,
  });
  expect(await understudy.cache.increment('n', 1, { wait: 1 })).toBe(4);
  expect(await understudy.cache.touch('n', '5m', { wait: 1 })).toBe(true);
  expect(await understudy.cache.delete('n', { wait: 1 })).toBe(true);
});

test('more replicas than there are: accepted, not durable, and counted per write', async () => {
  const { cache } = await start(2_000);
  const [one, two, none] = await Promise.all([
    cache.set('one', 1, { wait: 1 }),
    cache.set('two', 2, { wait: 2 }),
    cache.set('none', 3),
  ]);
  expect(two).toMatchObject({ durable: false, replicas: 1, tier: 'redis', degraded: false });
  expect(one).toMatchObject({ durable: true, replicas: 1 });
  expect(none).toMatchObject({ durable: true });
  expect(none).not.toHaveProperty('replicas');
  expect(await cache.get('two')).toBe(2);
});

test('a replica that hangs holds up nobody who does not wait for it', async () => {
  const understudy = await start();
  const { cache } = understudy;
  await cache.set('k', 0, { wait: 1 });
  await replica.freeze();
  onTestFinished(() => replica.thaw());
  let answered = false;
  const waiting = cache.set('k', 1, { wait: 1 }).finally(() => {
    answered = true;
  });
  expect(await cache.set('other', 1)).toMatchObject({ durable: true });
  expect(await cache.find('k')).toMatchObject({ value: 1, tier: 'redis' });
  expect(answered).toBe(false);
  expect(await waiting).toMatchObject({ durable: false, replicas: 0, tier: 'redis' });
  await replica.thaw();
  await expect
    .poll(() => cache.set('k', 2, { wait: 1 }), { timeout: 10_000 })
    .toMatchObject({ durable: true, replicas: 1 });
  expect(await understudy.ask({ type: 'circuit-breaker.status' })).toMatchObject({ trips: 0 });
});

test('many that wait in vain do not open the breaker', async () => {
  const understudy = await start(800);
  await replica.freeze();
  onTestFinished(() => replica.thaw());
  const rounds = Array.from({ length: 4 }, async (_, round) => {
    for (let at = 0; at < 3; at++)
      expect(await understudy.cache.set(`${round}`, at, { wait: 1 })).toMatchObject({ durable: false });
  });
  await Promise.all(rounds);
  expect(await understudy.ask({ type: 'circuit-breaker.status' })).toMatchObject({ trips: 0 });
});

test('while Redis is out a write that waits is accepted and not durable', async () => {
  const understudy = await createUnderstudy({ redis: { host: '127.0.0.1', port: 1 } });
  onTestFinished(() => understudy.stop());
  expect(await understudy.cache.set('k', 1, { wait: 1 })).toMatchObject({
    durable: false,
    replicas: 0,
    degraded: true,
    tier: 'memory',
  });
});

test.each([-1, 1.5, 65, Number.NaN, '1'])('wait: %s is refused, and nothing is changed', async (wait) => {
  const { cache } = await start();
  await cache.delete('k');
  // @ts-expect-error one of them is a text
  await expect(cache.set('k', 1, { wait })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  expect(await cache.has('k')).toBe(false);
});

test('nothing of it stays connected after stop', async () => {
  const understudy = await start();
  await understudy.cache.set('k', 1, { wait: 1 });
  const ours = async () =>
    String(await master.call('CLIENT', 'LIST')).match(/ name=understudy/g)?.length ?? 0;
  expect(await ours()).toBe(2);
  await understudy.stop();
  await expect.poll(ours, { timeout: 3_000 }).toBe(0);
});
