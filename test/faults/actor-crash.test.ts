import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { createUnderstudy } from '../../src/system.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { expectBars, TIME_TO_RETURN } from './bars.ts';
import { INJECTED, injectCrashes } from './crash-injection.ts';
import { heldBy } from './held-by-redis.ts';
import { LoadedSystem, now } from './loaded-system.ts';
import { replayed } from './replayed.ts';
import { supervised } from './supervised.ts';
import { Timeline } from './timeline.ts';

const ACTORS = ['cache', 'circuit-breaker', 'health', 'metrics'] as const;

let redis: RedisServer;
let crash: (actor: string) => void;
let run = 0;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => {
  crash = injectCrashes();
});

test.for(ACTORS)('under load a crash of %s costs no call and no write', async (actor, { annotate }) => {
  const prefix = `${++run}:`;
  await using system = await LoadedSystem.start({
    options: { prefix, redis: { url: redis.url } },
    held: heldBy(redis, prefix),
    // What a load brought when the actor crashed is handed to its askers, and kept or not.
    load: { loads: false },
  });
  const { understudy, timeline } = system;
  const before = await understudy.health();
  const restarted = timeline.type('actor.restarted');
  const crashed = now();
  crash(actor);
  await restarted;
  const returned = (await system.servedByRedis(now(), TIME_TO_RETURN)) - crashed;
  await system.answered(300);
  expect(await supervised(understudy, actor)).toMatchObject({
    state: 'up',
    restarts: 1,
    lastError: INJECTED,
  });
  expect(understudy.state).toBe('running');
  const health = await understudy.health();
  expect(health).toMatchObject({ status: 'healthy', connected: true });
  expect(health.stats.total_requests).toBeGreaterThan(before.stats.total_requests);
  const report = await system.finish();
  await annotate(JSON.stringify({ returned, ...report }));
  expectBars(report);
});

test('a cache that crashes during an outage finds memory and journal as they were', async () => {
  const prefix = `${++run}:`;
  const understudy = await createUnderstudy({ prefix, redis: { url: redis.url } });
  onTestFinished(() => understudy.stop());
  const { cache } = understudy;
  await cache.set('known', 'before');
  await redis.call('SAVE');
  await redis.kill();
  await cache.set('written', 'during');
  await cache.delete('known');
  await cache.increment('n', 2);
  const restarted = new Timeline(understudy, true).type('actor.restarted');
  crash('cache');
  await restarted;
  expect(await cache.find('written')).toMatchObject({ value: 'during', degraded: true });
  expect(await cache.get('known')).toBeUndefined();
  expect(await cache.get('n')).toBe(2);
  await redis.restart();
  await replayed(understudy);
  expect(await redis.call('GET', `${prefix}written`)).toContain('"during"');
  expect(await redis.call('GET', `${prefix}known`)).toBeNull();
  expect(await redis.call('GET', `${prefix}n`)).toContain('"value":2}');
});
