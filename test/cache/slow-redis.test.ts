import { expect, test } from 'vitest';
import { startProxy } from '../servers/tcp-proxy.ts';
import { SuiteRedis, understudies } from './systems.ts';

const redis = new SuiteRedis();
const start = understudies();

/** A Redis that answers after 150 ms, which is slow and not out. */
async function slow() {
  const proxy = await startProxy(redis.server.port);
  const through = { ...redis.options.redis, url: `redis://127.0.0.1:${proxy.port}` };
  const understudy = await start({ ...redis.options, redis: through });
  proxy.latency(150);
  const settled = () =>
    expect
      .poll(async () => (await understudy.ask({ type: 'cache.stats' })).journal.entries, { timeout: 5_000 })
      .toBe(0);
  return { understudy, cache: understudy.cache, settled, [Symbol.asyncDispose]: () => proxy.stop() };
}

test('a call is answered within its deadline though Redis takes longer, and says what it is worth', async () => {
  await using system = await slow();
  const { cache } = system;
  const began = performance.now();
  const answers = await Promise.all([
    system.understudy.ask({ type: 'cache.set', key: 'a', value: 1 }, { deadline: 60 }),
    system.understudy.ask({ type: 'cache.find', key: 'b' }, { deadline: 60 }),
  ]);
  expect(performance.now() - began).toBeLessThan(140);
  expect(answers).toMatchObject([
    { tier: 'memory', degraded: true, durable: false },
    { found: false, tier: 'memory', degraded: true },
  ]);
  await system.settled();
  expect(await cache.get('a')).toBe(1);
});

test('an increment that was answered late is counted once', async () => {
  await using system = await slow();
  for (let count = 0; count < 3; count++) await system.cache.increment('n', 1, { deadline: 60 });
  await system.settled();
  expect(await system.cache.get('n')).toBe(3);
});

test('of a set, an increment and a deletion that were all answered late, the order is kept', async () => {
  await using system = await slow();
  const { cache } = system;
  await Promise.all([
    cache.set('a', 10, { deadline: 60 }),
    cache.increment('a', 1, { deadline: 60 }),
    cache.set('b', 1, { deadline: 60 }),
    cache.delete('b', { deadline: 60 }),
    cache.delete('c', { deadline: 60 }),
    cache.set('c', 'new', { deadline: 60 }),
  ]);
  await system.settled();
  expect(await cache.getMany(['a', 'b', 'c'])).toEqual(
    new Map<string, unknown>([
      ['a', 11],
      ['c', 'new'],
    ]),
  );
});
