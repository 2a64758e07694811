import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { Child } from '../../actors/supervisor/child.ts';
import { defineActor } from '../../src/system/define-actor.ts';
import { createUnderstudy } from '../../src/system.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { INJECTED } from './crash-injection.ts';
import { watchMishaps } from './mishaps.ts';
import { ourConnections } from './our-connections.ts';
import { Timeline } from './timeline.ts';

type Clicks = { 'clicks.add': { request: object; reply: number } };

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

test('an actor of the host that crashes again and again ends the system, visibly', async () => {
  const clicks = defineActor<Clicks>({
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
  const timeline = new Timeline(understudy, false);
  await understudy.cache.set('k', 1);
  const escalated = timeline.type('actor.escalated');
  const click = () => understudy.ask({ type: 'clicks.add' });
  for (let crashes = 0; crashes < 3; crashes++)
    await expect(click()).rejects.toMatchObject({ code: 'ACTOR_CRASHED', retryable: true });
  expect(await escalated).toMatchObject({ actor: 'clicks' });
  expect(understudy.state).toBe('failed');
  await expect(click()).rejects.toMatchObject({ code: 'ACTOR_UNAVAILABLE' });
  await expect(understudy.cache.get('k')).rejects.toMatchObject({ code: 'ACTOR_UNAVAILABLE' });
  expect(await understudy.health()).toMatchObject({ status: 'unavailable', ready: false, system: 'failed' });
  await expect.poll(() => ourConnections(redis)).toEqual([]);
});

test('a supervisor that crashes takes everything with it, visibly, and its host lives', async () => {
  const mishaps = watchMishaps();
  const understudy = await createUnderstudy({ redis: { url: redis.url } });
  onTestFinished(() => understudy.stop());
  const changed = new Timeline(understudy, false).type('system.changed');
  vi.spyOn(Child.prototype, 'report').mockImplementationOnce(() => {
    throw new Error(INJECTED);
  });
  await expect(understudy.ask({ type: 'supervisor.tree' })).rejects.toMatchObject({ code: 'ACTOR_CRASHED' });
  expect(await changed).toMatchObject({ state: 'failed' });
  expect(understudy.state).toBe('failed');
  await expect(understudy.cache.get('k')).rejects.toMatchObject({ code: 'ACTOR_UNAVAILABLE' });
  await expect.poll(() => ourConnections(redis)).toEqual([]);
  await understudy.stop();
  mishaps.end();
  expect(mishaps).toMatchObject({ unhandled: [], printed: [] });
});
