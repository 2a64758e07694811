import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseInfo } from '../servers/redis-info.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { heldBy } from './held-by-redis.ts';
import { LoadedSystem } from './loaded-system.ts';
import { rideOut } from './ride-out.ts';

// What is confirmed is in the append-only file by then, and the kernel keeps that when the process is killed.
const APPEND_ONLY = ['--appendonly', 'yes', '--appendfsync', 'everysec'];
/** Microseconds a key, many times what there is time for: it loads until it is told not to delay. */
const LOADING_SLOWLY = ['--key-load-delay', '5000', '--loading-process-events-interval-bytes', '1024'];

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis({ args: APPEND_ONLY });
});
afterAll(() => redis.stop());

test('a Redis that is killed and restarted costs no call and no write', async ({ annotate }) => {
  await using system = await LoadedSystem.start({
    options: { redis: { url: redis.url } },
    held: heldBy(redis, 'understudy:'),
  });
  await rideOut(system, { begin: () => redis.kill(), end: () => redis.restart(), lasting: 6_000 }, annotate);
});

test('a Redis that still loads its data is no Redis yet', async ({ annotate }) => {
  await using system = await LoadedSystem.start({
    options: { prefix: 'loading:', redis: { url: redis.url } },
    held: heldBy(redis, 'loading:'),
  });
  // Rewritten, its head is a snapshot, which is loaded key by key.
  await redis.call('BGREWRITEAOF');
  await expect
    .poll(async () => parseInfo(await redis.call('INFO', 'persistence')).get('aof_rewrite_in_progress'))
    .toBe('0');
  const begin = async () => {
    const isLoading = system.timeline.next(
      'a probe is told that Redis is loading',
      (event) => event.type === 'breaker.probe-failed' && event.reason.startsWith('LOADING'),
      5_000,
    );
    const slowly = redis.restart({ args: [...APPEND_ONLY, ...LOADING_SLOWLY], ready: 'listening' });
    await Promise.all([isLoading, slowly]);
  };
  const end = async () => {
    await redis.call('CONFIG', 'SET', 'key-load-delay', '0');
    await expect.poll(() => redis.call('DBSIZE').catch(String), { interval: 5 }).toBeTypeOf('number');
  };
  await rideOut(system, { begin, end }, annotate);
});
