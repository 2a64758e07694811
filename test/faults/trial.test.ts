import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Understudy } from '../../src/system/understudy.ts';
import { createUnderstudy } from '../../src/system.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { startProxy, type TcpProxy } from '../servers/tcp-proxy.ts';
import { TIME_TO_RETURN } from './bars.ts';
import { now } from './loaded-system.ts';
import { replayed } from './replayed.ts';
import { Timeline } from './timeline.ts';

let redis: RedisServer;
let proxy: TcpProxy;
let understudy: Understudy;
let timeline: Timeline;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  proxy = await startProxy(redis.port);
  understudy = await createUnderstudy({ redis: { host: '127.0.0.1', port: proxy.port } });
  timeline = new Timeline(understudy, false);
});
afterEach(async () => {
  await understudy.stop();
  await proxy.stop();
});

async function outage(): Promise<void> {
  const opened = timeline.breaker('open', 2_000);
  await proxy.refuse();
  for (let failure = 0; failure < 5; failure++) await understudy.cache.get('k');
  await opened;
}

/** Does it at the very moment in which the trial begins. */
function whenTried(act: () => unknown): void {
  const unsubscribe = understudy.subscribe((event) => {
    if (event.type !== 'breaker.changed' || event.state !== 'half-open') return;
    unsubscribe();
    act();
  });
}

function states(): string[] {
  return timeline.entries.flatMap(({ event }) => (event.type === 'breaker.changed' ? [event.state] : []));
}

test('a trial that hangs ends, and the next one closes the breaker', async () => {
  await outage();
  whenTried(() => proxy.blackHole());
  const reopened = timeline.breaker('open', 2_000);
  await proxy.listen();
  await reopened;
  expect(states()).toEqual(['open', 'half-open', 'open']);
  await proxy.heal();
  await timeline.breaker('closed', TIME_TO_RETURN);
  expect(await understudy.cache.set('k', 1)).toMatchObject({ durable: true });
});

test('a trial whose connection breaks ends, and the next one closes the breaker', async () => {
  await outage();
  whenTried(() => proxy.closeMidReply(1));
  await proxy.listen();
  await timeline.breaker('closed', TIME_TO_RETURN);
  expect(states()).toEqual(['open', 'half-open', 'open', 'half-open', 'closed']);
  expect(await understudy.cache.set('k', 1)).toMatchObject({ durable: true });
});

test('while the trial is out callers are answered from memory, not made to wait for it', async () => {
  await understudy.cache.set('k', 'known');
  await outage();
  whenTried(() => proxy.blackHole());
  await proxy.listen();
  await timeline.breaker('half-open', TIME_TO_RETURN);
  const began = now();
  expect(await understudy.cache.find('k')).toMatchObject({ value: 'known', degraded: true });
  expect(now() - began).toBeLessThan(50);
  await proxy.heal();
  await replayed(understudy);
});
