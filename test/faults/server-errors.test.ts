import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { RedisReplyError, redisCall } from '../../src/cli/redis-socket.ts';
import { createUnderstudy } from '../../src/system.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { expectBars } from './bars.ts';
import { heldBy } from './held-by-redis.ts';
import { LoadedSystem } from './loaded-system.ts';
import { rideOut } from './ride-out.ts';

let redis: RedisServer;
let run = 0;
beforeAll(async () => {
  redis = await startRedis({ args: ['--busy-reply-threshold', '50'] });
});
afterAll(() => redis.stop());

function start(): Promise<LoadedSystem> {
  const prefix = `${++run}:`;
  return LoadedSystem.start({
    options: { prefix, redis: { url: redis.url } },
    held: heldBy(redis, prefix),
  });
}

test('READONLY: the master has become a replica', async ({ annotate }) => {
  await using system = await start();
  // Of nobody: it keeps its data and refuses writes.
  const begin = () => redis.call('REPLICAOF', '127.0.0.1', '1');
  await rideOut(system, { begin, end: () => redis.call('REPLICAOF', 'NO', 'ONE') }, annotate);
});

test('OOM: no memory left and nothing may be evicted', async ({ annotate }) => {
  await using system = await start();
  const begin = () => redis.call('CONFIG', 'SET', 'maxmemory', '1mb', 'maxmemory-policy', 'noeviction');
  await rideOut(system, { begin, end: () => redis.call('CONFIG', 'SET', 'maxmemory', '0') }, annotate);
});

test('MISCONF: snapshots fail', async ({ annotate }) => {
  await using system = await start();
  const begin = async () => {
    // A directory is in the way of the file.
    await mkdir(join(redis.directory, 'dump.rdb'));
    await redis.call('CONFIG', 'SET', 'save', '3600 1');
    await redis.call('BGSAVE');
  };
  await rideOut(system, { begin, end: () => redis.call('CONFIG', 'SET', 'save', '') }, annotate);
});

test('BUSY: a script of somebody else does not end', async ({ annotate }) => {
  await using system = await start();
  let script: Promise<unknown> = Promise.resolve();
  const begin = async () => {
    script = redisCall(redis.port, ['EVAL', 'while true do end', '0'], { timeoutMs: 20_000 }).catch(
      (error: unknown) => error,
    );
  };
  await rideOut(system, { begin, end: () => redis.call('SCRIPT', 'KILL') }, annotate);
  expect(await script).toBeInstanceOf(RedisReplyError);
});

test('max clients: somebody else took all the seats', async ({ annotate }) => {
  await using system = await start();
  const seat = connect(redis.port, '127.0.0.1');
  await once(seat, 'connect');
  const say = async (command: string) => {
    seat.write(`${command}\r\n`);
    await once(seat, 'data');
  };
  const begin = async () => {
    await say('CONFIG SET maxclients 1');
    await say('CLIENT KILL TYPE normal SKIPME yes');
  };
  await rideOut(system, { begin, end: () => say('CONFIG SET maxclients 1000') }, annotate);
  seat.destroy();
});

test('our connections are killed again and again', async ({ annotate }) => {
  await using system = await start();
  for (let kill = 0; kill < 5; kill++) {
    await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await system.answered(200);
  }
  const report = await system.finish();
  await annotate(JSON.stringify(report));
  expectBars(report);
});

test('reads that succeed do not hide that every write fails', async () => {
  const prefix = `${++run}:`;
  const understudy = await createUnderstudy({ prefix, redis: { url: redis.url } });
  onTestFinished(() => understudy.stop());
  const { cache } = understudy;
  await cache.set('k', 1);
  await redis.call('REPLICAOF', '127.0.0.1', '1');
  for (let round = 0; round < 5; round++) {
    await cache.get('other');
    expect(await cache.set('k', round)).toMatchObject({ durable: false });
  }
  expect(await understudy.ask({ type: 'circuit-breaker.status' })).toMatchObject({
    state: 'open',
    reason: expect.stringContaining('READONLY'),
  });
  await redis.call('REPLICAOF', 'NO', 'ONE');
  await expect.poll(() => redis.call('GET', `${prefix}k`)).toContain('"value":4}');
});
