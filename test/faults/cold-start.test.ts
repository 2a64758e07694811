import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { expectBars, TIME_TO_RETURN } from './bars.ts';
import { heldBy } from './held-by-redis.ts';
import { LoadedSystem, now } from './loaded-system.ts';

/** Milliseconds. A start that has to find out that Redis is missing. */
const TIME_TO_START = 1_000;

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

test('a system that starts without Redis serves at once, and takes it on when it appears', async ({
  annotate,
}) => {
  await redis.kill();
  const began = now();
  await using system = await LoadedSystem.start({
    options: { prefix: 'cold:', redis: { url: redis.url } },
    held: heldBy(redis, 'cold:'),
    reachable: false,
  });
  const first = system.load.calls[0];
  expect((first?.ended ?? Number.NaN) - began).toBeLessThanOrEqual(TIME_TO_START);
  expect(await system.understudy.health()).toMatchObject({
    status: 'degraded',
    ready: true,
    connected: false,
  });
  // Long enough that a percentile is that of a Redis that is not there, and not of a process that has just been loaded.
  await system.answered(4_000);
  await redis.restart();
  const appeared = now();
  const returned = (await system.servedByRedis(appeared, TIME_TO_RETURN)) - appeared;
  await system.answered(400);
  const report = await system.finish();
  await annotate(JSON.stringify({ started: (first?.ended ?? 0) - began, returned, ...report }));
  expectBars(report);
  expect(await system.understudy.health()).toMatchObject({ status: 'healthy', connected: true });
});
