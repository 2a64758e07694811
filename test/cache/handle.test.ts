import { expect, test } from 'vitest';
import { createUnderstudy, defineActor, type SystemEvent } from '../../src/index.ts';
import { settled } from '../../src/testing/settled.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { SuiteRedis, understudies } from './systems.ts';

const redis = new SuiteRedis();
const start = understudies();

test('every call of the facade is a message that anybody may send', async () => {
  const { ask, cache } = await start(redis.options).then((understudy) => ({
    ask: understudy.ask.bind(understudy),
    cache: understudy.cache,
  }));
  const durable = { tier: 'redis', degraded: false, durable: true, version: expect.any(String) };
  expect(await ask({ type: 'cache.set', key: 'a', value: 1, ttl: '1m' })).toEqual(durable);
  expect(await ask({ type: 'cache.get', key: 'a' })).toBe(1);
  expect(await ask({ type: 'cache.has', key: 'a' })).toBe(true);
  expect(await ask({ type: 'cache.find', key: 'a' })).toMatchObject({ found: true, value: 1 });
  expect(await ask({ type: 'cache.setMany', entries: [{ key: 'b', value: 2 }] })).toEqual(durable);
  expect(await ask({ type: 'cache.getMany', keys: ['a', 'b'] })).toEqual([
    ['a', 1],
    ['b', 2],
  ]);
  expect(await ask({ type: 'cache.touch', key: 'a', ttl: 5_000 })).toEqual({ ...durable, existed: true });
  expect(await ask({ type: 'cache.increment', key: 'a', by: 2 })).toEqual({ ...durable, value: 3 });
  expect(await ask({ type: 'cache.delete', key: 'a' })).toEqual({ ...durable, existed: true });
  expect(await ask({ type: 'cache.deleteMany', keys: ['a', 'b'] })).toEqual({ ...durable, deleted: 1 });
  await cache.set('c', 3);
  expect(await ask({ type: 'cache.keys' })).toEqual({
    keys: ['c'],
    cursor: undefined,
    tier: 'redis',
    degraded: false,
  });
  expect(await ask({ type: 'cache.clear' })).toEqual({ ...durable, cleared: 1 });
});

test('the counts of hits and misses are by tier', async () => {
  const understudy = await start(redis.options);
  await understudy.cache.set('a', 1);
  await understudy.cache.get('a');
  await understudy.cache.getMany(['a', 'b', 'c']);
  await understudy.cache.getOrSet('d', () => 1);
  const stats = await understudy.ask({ type: 'cache.stats' });
  expect(stats).toMatchObject({
    hits: 2,
    misses: 3,
    tiers: { redis: { hits: 2, misses: 3 }, memory: { hits: 0, misses: 0 } },
    journal: { entries: 0 },
    leases: 0,
    waiting: 0,
  });
  expect((await understudy.health()).stats).toEqual({ hits: 2, misses: 3, hit_rate: 0.4, total_requests: 5 });
});

test('send tells and does not wait; unknown actors are refused at once', async () => {
  const understudy = await start(redis.options);
  expect(understudy.send({ type: 'cache.set', key: 'a', value: 1 })).toBeUndefined();
  expect(await understudy.cache.get('a')).toBe(1);
  const send = understudy.send.bind(understudy) as (message: unknown) => void;
  expect(() => send({ type: 'nobody.home' })).toThrow(expect.objectContaining({ code: 'UNKNOWN_MESSAGE' }));
});

test('who subscribes hears what happens until the subscription ends; one that throws disturbs nobody', async () => {
  const understudy = await createUnderstudy();
  const heard: SystemEvent[] = [];
  const silent: SystemEvent[] = [];
  understudy.subscribe(() => {
    throw new Error('bad listener');
  });
  understudy.subscribe((event) => heard.push(event));
  understudy.subscribe((event) => silent.push(event))();
  await understudy.stop();
  expect(heard.filter(({ type }) => type === 'system.changed')).toEqual([
    { type: 'system.changed', state: 'draining' },
    { type: 'system.changed', state: 'stopped' },
  ]);
  expect(silent).toEqual([]);
});

test('stop may be called often, ends once, and what comes after it is refused', async () => {
  const understudy = await createUnderstudy(redis.options);
  await understudy.cache.set('a', 1);
  const stops = [understudy.stop(), understudy.stop()];
  await Promise.all(stops);
  await understudy.stop();
  expect(understudy.state).toBe('stopped');
  await expect(understudy.cache.get('a')).rejects.toMatchObject({ code: 'STOPPING' });
  await expect(understudy.ask({ type: 'cache.get', key: 'a' })).rejects.toMatchObject({ code: 'STOPPING' });
  await expect(understudy.ask({ type: 'supervisor.tree' })).rejects.toMatchObject({ code: 'STOPPING' });
});

test('stop finishes what is under way', async () => {
  const understudy = await createUnderstudy(redis.options);
  const written = Array.from({ length: 300 }, (_, at) => understudy.cache.set(`key ${at}`, at));
  const read = understudy.cache.getMany(['key 0', 'key 299']);
  await understudy.stop();
  expect((await Promise.all(written)).every(({ durable }) => durable)).toBe(true);
  expect(await read).toEqual(
    new Map([
      ['key 0', 0],
      ['key 299', 299],
    ]),
  );
  expect(await redis.call('DBSIZE')).toBeGreaterThanOrEqual(300);
});

test('stop leaves no timer behind', async () => {
  const clock = new VirtualClock();
  const understudy = await createUnderstudy({ clock });
  await understudy.cache.set('a', 1);
  void understudy.cache.getOrSet('b', () => new Promise(() => {})).catch(() => {});
  await settled();
  await understudy.stop();
  expect(clock.pending).toBe(0);
});

test('an actor that will not finish does not hold up the stop for longer than the drain, nor leave anybody waiting', async () => {
  const clock = new VirtualClock();
  const stubborn = defineActor({
    id: 'stubborn',
    shutdown: 60_000,
    start: () => ({ receive: () => {}, drain: () => new Promise<void>(() => {}) }),
  });
  const understudy = await createUnderstudy({ clock, actors: [stubborn], drain: 1_000 });
  const waiting = [1, 2].map(() => understudy.cache.getOrSet('a', () => new Promise<never>(() => {}), {}));
  const ended = Promise.allSettled(waiting.slice(1));
  await settled();
  let over = false;
  void understudy.stop().then(() => {
    over = true;
  });
  await clock.advance(990);
  expect(over).toBe(false);
  await clock.advance(10);
  expect(over).toBe(true);
  expect(await ended).toMatchObject([{ status: 'rejected', reason: { code: 'STOPPING' } }]);
  await expect(understudy.cache.get('a')).rejects.toMatchObject({ code: 'STOPPING' });
});

test('health says who is up, in start order, and how the cache is', async () => {
  const understudy = await start(redis.options);
  expect(await understudy.health()).toMatchObject({
    status: 'healthy',
    healthy: true,
    ready: true,
    connected: true,
    circuit_breaker_open: false,
    system: 'running',
    redis: { configured: true, state: 'closed' },
    actors: ['circuit-breaker', 'cache', 'health', 'metrics'].map((id) => ({ id, state: 'up', restarts: 0 })),
  });
  const alone = await start();
  expect(await alone.health()).toMatchObject({
    status: 'healthy',
    connected: false,
    redis: { configured: false },
  });
});

test.each([
  ['an unknown option', { unknown: 1 }],
  ['an option of the wrong type', { memory: { maxEntries: 'many' } }],
  ['a prefix with braces that are no hash tag', { redis: { host: '127.0.0.1', port: 1 }, prefix: 'a}b{' }],
])('%s is refused', async (_name, options) => {
  const create = createUnderstudy as (options: unknown) => Promise<unknown>;
  await expect(create(options)).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
});
