import { expect, test } from 'vitest';
import { switchedCaches } from './switched-cache.ts';
import { SuiteRedis } from './systems.ts';

const redis = new SuiteRedis();
const start = switchedCaches();

test('a restarted cache actor finds its memory warm', async () => {
  const { cache, state, ...switched } = await start({ port: redis.server.port }).then((made) => ({
    cache: made.cache,
    state: made.state,
    crash: () => made.crash(),
    down: () => made.down(),
  }));
  await cache.set('a', { kept: true });
  switched.down();
  await switched.crash();
  expect(await cache.get('a')).toEqual({ kept: true });
  expect(state.memory.size).toBe(1);
});

test('the journal survives the actor, and is replayed by the next one', async () => {
  const switched = await start({ port: redis.server.port });
  switched.down();
  await switched.cache.set('a', 'kept');
  await switched.cache.set('b', 'kept');
  await switched.cache.delete('b');
  await switched.crash();
  expect([await switched.cache.get('a'), await switched.cache.has('b')]).toEqual(['kept', false]);
  expect(switched.state.journal.size).toBe(2);
  await switched.up();
  expect(JSON.parse(String(await redis.call('GET', 'understudy:a')))).toMatchObject({ value: 'kept' });
  expect(await redis.call('EXISTS', 'understudy:b')).toBe(0);
});

test('of an old incarnation nothing is left: what it waited for is not replayed twice', async () => {
  const switched = await start({ port: redis.server.port });
  switched.down();
  await switched.cache.increment('n', 5);
  for (let count = 0; count < 3; count++) await switched.crash();
  await switched.up();
  expect(JSON.parse(String(await redis.call('GET', 'understudy:n')))).toMatchObject({ value: 5 });
  expect(switched.state.journal.replayed).toBe(1);
  const told = () => switched.tree.happened('journal.replayed').filter(({ applied }) => applied > 0);
  // The replay paces itself, and tells when it is over.
  await expect.poll(() => switched.clock.advance(10).then(told)).toHaveLength(1);
});

test('who holds a lease may fulfil it after a crash, and those who waited get what it loaded', async () => {
  const switched = await start({ port: redis.server.port });
  let finish: (value: string) => void = () => {};
  const holder = switched.cache.getOrSet('a', () => new Promise<string>((resolve) => (finish = resolve)));
  await expect.poll(() => switched.state.leases.size).toBe(1);
  const waiter = switched.cache.getOrSet('a', () => 'should not load');
  await switched.crash();
  finish('loaded');
  expect(await Promise.all([holder, waiter])).toEqual(['loaded', 'loaded']);
});

test('what was asked at the moment of a crash is answered by the next incarnation, or said to have crashed', async () => {
  const switched = await start({ port: redis.server.port });
  await switched.cache.set('a', 1);
  const read = switched.cache.get('a');
  const counted = switched.cache.increment('n').catch((error: { code: string }) => error.code);
  await switched.crash();
  expect([await read, await counted]).toEqual([1, 'ACTOR_CRASHED']);
});
