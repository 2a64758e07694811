import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { createUnderstudy } from '../../src/system.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { until } from '../servers/until.ts';
import { injectCrashes } from './crash-injection.ts';
import { now } from './loaded-system.ts';
import { ourConnections } from './our-connections.ts';
import { replayed } from './replayed.ts';
import { supervised } from './supervised.ts';
import { Timeline } from './timeline.ts';

let redis: RedisServer;
let crash: () => void;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => {
  const inject = injectCrashes();
  crash = () => inject('circuit-breaker');
});

test('a circuit breaker that crashes during an outage leaves nobody behind who breaks connections', async () => {
  const understudy = await createUnderstudy({ redis: { url: redis.url } });
  onTestFinished(() => understudy.stop());
  const timeline = new Timeline(understudy, false);
  const isOpen = async () => {
    await understudy.cache.get('k');
    return (await understudy.ask({ type: 'circuit-breaker.status' })).state === 'open';
  };
  await redis.kill();
  for (let crashes = 0; crashes < 2; crashes++) {
    const missed = timeline.type('breaker.probe-failed');
    await until('the breaker is open', isOpen, { timeoutMs: 2_000 });
    await missed;
    const restarted = timeline.type('actor.restarted');
    crash();
    await restarted;
  }
  await redis.restart();
  await replayed(understudy);
  const [connection, ...others] = await ourConnections(redis);
  expect(others).toEqual([]);
  const since = (await understudy.health()).uptime;
  const isLater = async () => (await understudy.health()).uptime > since + 500;
  await until('half a second has passed', isLater, { timeoutMs: 5_000 });
  expect(await ourConnections(redis)).toEqual([connection]);
  await understudy.stop();
  await expect.poll(() => ourConnections(redis)).toEqual([]);
});

test('while the circuit breaker is down nobody waits for it', async () => {
  const understudy = await createUnderstudy({
    redis: { url: redis.url },
    supervisor: { backoff: { min: 1_000, max: 1_000 } },
  });
  onTestFinished(() => understudy.stop());
  const timeline = new Timeline(understudy, false);
  await understudy.cache.set('k', 'known');
  const restarted = timeline.type('actor.restarted');
  crash();
  await restarted;
  await replayed(understudy);
  // The first restart is at once, the next one is not.
  const crashed = timeline.type('actor.crashed');
  crash();
  await crashed;
  expect(await supervised(understudy, 'circuit-breaker')).toMatchObject({ state: 'restarting' });
  const began = now();
  expect(await understudy.cache.find('k')).toMatchObject({ value: 'known', degraded: true });
  expect(await understudy.cache.set('k', 'new')).toMatchObject({ durable: false });
  expect(now() - began).toBeLessThan(50);
  expect(await understudy.health()).toMatchObject({ status: 'degraded', connected: false });
});
