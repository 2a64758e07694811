import { expect, test } from 'vitest';
import type { FaultCode } from '../../src/testing/index.ts';
import { FAULTS } from '../../src/testing/redis/faults.ts';
import { startKit } from './kits.ts';

test('with Redis well, what is set is there, and in memory, and nothing is owed', async () => {
  const { cache, redis, memory, journal, breaker } = await startKit();
  expect(await cache.set('user:1', { name: 'Ada' })).toMatchObject({ durable: true });
  expect(redis.value('user:1')).toEqual({ name: 'Ada' });
  expect(redis.keys()).toEqual(['user:1']);
  expect(memory.value('user:1')).toEqual({ name: 'Ada' });
  expect([journal.size, breaker.state]).toEqual([0, 'closed']);
  memory.clear();
  expect(await cache.find('user:1')).toMatchObject({
    value: { name: 'Ada' },
    tier: 'redis',
    degraded: false,
  });
});

test('a whole outage: writes are journaled, reads come from memory, and afterwards all of it is true in Redis', async () => {
  const kit = await startKit();
  const { cache, redis, events } = kit;
  await cache.set('before', 1);
  redis.fail('ECONNREFUSED');
  expect(await cache.set('during', 2)).toMatchObject({ durable: false });
  expect(await cache.increment('count', 5)).toBe(5);
  expect(await cache.find('before')).toMatchObject({ value: 1, tier: 'memory', degraded: true });
  // Nobody asks any more: the heartbeats notice.
  await events.next('breaker.changed', { state: 'open' });
  expect(kit.journal.size).toBe(2);
  expect(redis.keys()).toEqual(['before']);

  redis.restore();
  expect(await events.next('journal.replayed', { remaining: 0 })).toMatchObject({ applied: 2 });
  expect(kit.journal.size).toBe(0);
  expect([redis.value('during'), redis.value('count')]).toEqual([2, 5]);
  expect(events.of('breaker.changed').at(-1)).toMatchObject({ state: 'closed' });
});

test('a deletion of an outage does not come back, and what another process wrote later stays', async () => {
  const kit = await startKit();
  const peer = await kit.peer();
  await kit.cache.set('deleted', 1);
  await kit.cache.set('both', 'old');
  kit.redis.freeze();
  await kit.until(Promise.all([kit.cache.delete('deleted'), kit.cache.set('both', 'during the outage')]));
  await kit.advance('5s');
  kit.redis.restore();
  await peer.cache.set('both', 'later');
  await kit.advance('5s');
  expect([kit.journal.size, peer.journal.size]).toEqual([0, 0]);
  expect(kit.redis.value('deleted')).toBeUndefined();
  expect(await peer.cache.get('deleted')).toBeUndefined();
  expect([kit.redis.value('both'), await kit.cache.get('both')]).toEqual(['later', 'later']);
});

test('a frozen Redis holds a call up for the command timeout, and no longer than its deadline', async () => {
  const kit = await startKit({ redis: { commandTimeout: 100 } });
  await kit.cache.set('a', 1);
  kit.redis.freeze();
  const began = kit.now();
  expect(await kit.until(kit.cache.find('a'))).toMatchObject({ value: 1, degraded: true });
  expect(kit.now() - began).toBe(100);
});

test('getOrSet under freeze loads once, keeps the value, and brings it to Redis afterwards', async () => {
  const kit = await startKit();
  kit.redis.freeze();
  let loads = 0;
  const load = async (): Promise<string> => {
    loads++;
    return 'loaded';
  };
  const values = await kit.until(
    Promise.all(Array.from({ length: 5 }, () => kit.cache.getOrSet('k', load, { ttl: '5m' }))),
  );
  expect([values, loads]).toEqual([Array(5).fill('loaded'), 1]);
  expect(kit.redis.value('k')).toBeUndefined();
  kit.redis.restore();
  await kit.advance('5s');
  expect(kit.redis.value('k')).toBe('loaded');
  expect(kit.journal.size).toBe(0);
});

/** With these Redis is well, and refuses what this user asks. */
const REFUSALS: readonly string[] = ['NOPERM'];
const OUTAGES = (Object.keys(FAULTS) as FaultCode[]).filter((code) => !REFUSALS.includes(code));

test.each(OUTAGES)('%s: nothing fails, and everything is made up for', async (code) => {
  const kit = await startKit();
  await kit.cache.set('kept', 1);
  kit.redis.fail(code);
  for (let round = 0; round < 6; round++)
    expect(await kit.until(kit.cache.set('k', round))).toMatchObject({ durable: false });
  expect(await kit.until(kit.cache.get('kept'))).toBe(1);
  await kit.events.next('breaker.changed', { state: 'open' });
  await kit.advance('1m');
  expect([kit.breaker.state === 'closed', kit.journal.size]).toEqual([false, 1]);
  kit.redis.restore();
  await kit.events.next('journal.replayed', { remaining: 0 });
  expect([kit.breaker.state, kit.redis.value('k')]).toEqual(['closed', 5]);
});

test('a refusal is no outage: the breaker stays closed, and what was refused is offered again', async () => {
  const kit = await startKit();
  await kit.cache.set('kept', 1);
  kit.redis.fail('NOPERM');
  for (let round = 0; round < 6; round++)
    expect(await kit.cache.set('k', round)).toMatchObject({ durable: false });
  expect(await kit.cache.find('kept')).toMatchObject({ value: 1, degraded: false });
  expect([kit.breaker.state, kit.journal.size]).toEqual(['closed', 1]);
  kit.redis.restore();
  await kit.advance('2m');
  expect([kit.redis.value('k'), kit.journal.size]).toEqual([5, 0]);
});

test('an error of your own is answered to everything', async () => {
  const kit = await startKit();
  kit.redis.fail(new Error('the moon is full'));
  for (let round = 0; round < 5; round++) await kit.cache.get('k');
  expect(await kit.events.next('breaker.changed', { state: 'open' })).toMatchObject({
    reason: expect.stringContaining('the moon is full'),
  });
});

test('replies that are slow are waited for up to the command timeout', async () => {
  const kit = await startKit({ redis: { commandTimeout: 250 } });
  await kit.cache.set('a', 1);
  kit.memory.clear();
  kit.redis.slow('200ms');
  const began = kit.now();
  expect(await kit.until(kit.cache.find('a'))).toMatchObject({ value: 1, tier: 'redis' });
  expect(kit.now() - began).toBe(200);
  kit.redis.slow(400);
  expect(await kit.until(kit.cache.find('b'))).toMatchObject({ found: false, degraded: true });
});

test('an increment that Redis made, but told of too late, counts once', async () => {
  const kit = await startKit({ redis: { commandTimeout: 250 } });
  kit.redis.slow(400);
  expect(await kit.until(kit.cache.increment('n', 5))).toBe(5);
  expect(kit.journal.keys()).toEqual(['n']);
  await kit.advance(400);
  expect(kit.redis.value('n')).toBe(5);
  kit.redis.restore();
  await kit.advance('1m');
  expect([kit.redis.value('n'), kit.journal.size]).toEqual([5, 0]);
});

test('a short freeze is waited out', async () => {
  const kit = await startKit();
  kit.redis.freeze();
  const changed = kit.cache.set('k', 1);
  await kit.advance(200);
  expect(kit.redis.keys()).toEqual([]);
  kit.redis.restore();
  expect(await changed).toMatchObject({ durable: true });
  expect(kit.redis.value('k')).toBe(1);
});

test('a Redis that lost its data is asked all the same, and what it lost is a miss', async () => {
  const kit = await startKit();
  await kit.cache.set('a', 1);
  kit.redis.flush();
  expect(await kit.cache.find('a')).toMatchObject({ found: false, degraded: false });
});

test('a system that starts without a Redis takes it up when it comes', async () => {
  const kit = await startKit();
  kit.redis.freeze();
  const cold = await kit.peer();
  expect(await cold.cache.set('k', 1)).toMatchObject({ durable: false });
  expect(cold.breaker.state).toBe('open');
  kit.redis.restore();
  await cold.events.next('journal.replayed', { remaining: 0 });
  expect(kit.redis.value('k')).toBe(1);
});

test('without Redis at all it runs on memory alone', async () => {
  const kit = await startKit({ redis: false });
  expect(await kit.cache.set('k', 1, { ttl: '1m' })).toMatchObject({ tier: 'memory' });
  expect(await kit.cache.find('k')).toMatchObject({ value: 1, degraded: false });
  expect([kit.breaker.state, kit.redis.keys(), kit.journal.size]).toEqual(['none', [], 0]);
  await kit.advance('1m');
  expect(await kit.cache.get('k')).toBeUndefined();
});
