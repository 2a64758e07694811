import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { Child } from '../../actors/supervisor/child.ts';
import type { SystemEvent } from '../../src/runtime/events.ts';
import { defineActor } from '../../src/system/define-actor.ts';
import type { Understudy } from '../../src/system/understudy.ts';
import { createUnderstudy } from '../../src/system.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { until } from '../servers/until.ts';
import { expectBars, TIME_TO_RETURN } from './bars.ts';
import { INJECTED, injectCrashes } from './crash-injection.ts';
import { heldBy } from './held-by-redis.ts';
import { LoadedSystem, now } from './loaded-system.ts';
import { watchMishaps } from './mishaps.ts';
import { replayed } from './replayed.ts';

const ACTORS = ['cache', 'circuit-breaker', 'health', 'metrics'] as const;

let redis: RedisServer;
let run = 0;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
let crash: (actor: string) => void;
beforeEach(() => {
  crash = injectCrashes();
});

async function tree(understudy: Understudy) {
  const { children } = await understudy.ask({ type: 'supervisor.tree' });
  return Object.fromEntries(
    children.map(({ id, state, restarts, lastError }) => [id, { state, restarts, lastError }]),
  );
}

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
  const restarted = timeline.next('it is restarted', ({ type }) => type === 'actor.restarted', 1_000);
  const crashed = now();
  crash(actor);
  await restarted;
  const returned = (await system.servedByRedis(now(), TIME_TO_RETURN)) - crashed;
  await system.answered(300);
  expect(await tree(understudy)).toMatchObject({
    [actor]: { state: 'up', restarts: 1, lastError: INJECTED },
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
  const restarted = next(understudy, 'actor.restarted');
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

test('a circuit breaker that crashes during an outage leaves nobody behind who breaks connections', async () => {
  const understudy = await createUnderstudy({ redis: { url: redis.url } });
  onTestFinished(() => understudy.stop());
  await redis.kill();
  for (let crashes = 0; crashes < 2; crashes++) {
    const failed = next(understudy, 'breaker.probe-failed');
    await until('Redis is missed', () => understudy.cache.get('k').then(() => open(understudy)), {
      timeoutMs: 2_000,
    });
    await failed;
    const restarted = next(understudy, 'actor.restarted');
    crash('circuit-breaker');
    await restarted;
  }
  await redis.restart();
  await replayed(understudy);
  const [connection, ...others] = await connections();
  expect(others).toEqual([]);
  const since = (await understudy.health()).uptime;
  const isLater = async () => (await understudy.health()).uptime > since + 500;
  await until('half a second has passed', isLater, { timeoutMs: 5_000 });
  expect(await connections()).toEqual([connection]);
  await understudy.stop();
  await expect.poll(connections).toEqual([]);
});

test('an actor of the host that crashes again and again ends the system, visibly', async () => {
  const clicks = defineActor({
    id: 'clicks',
    start: () => ({
      receive: () => {
        throw new Error('a defect');
      },
    }),
  });
  const understudy = await createUnderstudy({
    redis: { url: redis.url },
    actors: [clicks],
    supervisor: { intensity: 2, period: 60_000, backoff: { min: 1, max: 2 } },
  });
  onTestFinished(() => understudy.stop());
  await understudy.cache.set('k', 1);
  const failed = next(understudy, 'actor.escalated');
  for (let crashes = 0; crashes < 3; crashes++) {
    await expect(askClicks(understudy)).rejects.toMatchObject({ code: 'ACTOR_CRASHED', retryable: true });
  }
  expect(await failed).toMatchObject({ actor: 'clicks', error: 'a defect' });
  expect(understudy.state).toBe('failed');
  await expect(askClicks(understudy)).rejects.toMatchObject({ code: 'ACTOR_UNAVAILABLE' });
  await expect(understudy.cache.get('k')).rejects.toMatchObject({ code: 'ACTOR_UNAVAILABLE' });
  expect(await understudy.health()).toMatchObject({ status: 'unavailable', ready: false, system: 'failed' });
  await expect.poll(connections).toEqual([]);
});

test('a supervisor that crashes takes everything with it, visibly, and its host lives', async () => {
  const mishaps = watchMishaps();
  const understudy = await createUnderstudy({ redis: { url: redis.url } });
  onTestFinished(() => understudy.stop());
  const failed = next(understudy, 'system.changed');
  vi.spyOn(Child.prototype, 'report').mockImplementationOnce(() => {
    throw new Error(INJECTED);
  });
  await expect(understudy.ask({ type: 'supervisor.tree' })).rejects.toMatchObject({ code: 'ACTOR_CRASHED' });
  expect(await failed).toMatchObject({ state: 'failed' });
  expect(understudy.state).toBe('failed');
  await expect(understudy.cache.get('k')).rejects.toMatchObject({ code: 'ACTOR_UNAVAILABLE' });
  await expect.poll(connections).toEqual([]);
  await understudy.stop();
  mishaps.end();
  expect(mishaps).toMatchObject({ unhandled: [], printed: [] });
});

async function open(understudy: Understudy): Promise<boolean> {
  return (await understudy.ask({ type: 'circuit-breaker.status' })).state === 'open';
}

/** Ids of our connections, as the server knows them. */
async function connections(): Promise<(string | undefined)[]> {
  const clients = String(await redis.call('CLIENT', 'LIST')).split('\n');
  return clients
    .filter((client) => client.includes('name=understudy'))
    .map((client) => /id=(\d+)/.exec(client)?.[1]);
}

function askClicks(understudy: Understudy): Promise<unknown> {
  return Reflect.apply(understudy.ask, understudy, [{ type: 'clicks.add' }]);
}

function next<T extends SystemEvent['type']>(understudy: Understudy, type: T) {
  return new Promise<Extract<SystemEvent, { type: T }>>((resolve) => {
    const unsubscribe = understudy.subscribe((event) => {
      if (event.type !== type) return;
      unsubscribe();
      resolve(event as Extract<SystemEvent, { type: T }>);
    });
  });
}
