import { expect, test } from 'vitest';
import { createUnderstudy } from '../../src/index.ts';
import { createTestUnderstudy, type TestUnderstudy } from '../../src/testing/index.ts';
import { injectCrashes } from '../faults/crash-injection.ts';

const OPTIONS = { hotKeys: { size: 100 }, memory: { maxEntries: 1_000 } } as const;
const keys = Array.from({ length: 100 }, (_, at) => `key ${String(at).padStart(2, '0')}`);

/** A Redis in which a process left a hundred hot keys. */
async function withHotKeys(): Promise<TestUnderstudy> {
  const first = await createTestUnderstudy({ ...OPTIONS, warmup: true });
  await first.cache.setMany(keys.map((key) => [key, key] as const));
  await first.cache.getMany(keys);
  // From time to time the list is written.
  await first.advance('31s');
  return first;
}

test.each([10, 50, 640])('at a rate of %d keys a second no more are read, and all of them', async (rate) => {
  await using first = await withHotKeys();
  const second = await first.peer({ ...OPTIONS, warmup: { rate } });
  const began = second.now();
  await second.events.next('warmup.progress', { done: 100, total: 100 });
  const progress = second.events.of('warmup.progress');
  // The first are read at once, the last need no time after them.
  const step = Math.min(64, Math.ceil(rate / 10));
  expect(second.now() - began).toBeGreaterThanOrEqual(((100 - step) / rate) * 1_000 - 100);
  expect(second.now() - began).toBeLessThanOrEqual((100 / rate) * 1_000 + 200);
  expect(progress.length).toBe(Math.ceil(100 / step) + 1);
  expect(progress.every(({ done }, at) => done === Math.min(100, at * step))).toBe(true);
  second.redis.fail();
  expect((await second.cache.getMany(keys)).size).toBe(100);
});

test('warming stops while Redis is out, and goes on afterwards where it was', async () => {
  await using first = await withHotKeys();
  const second = await first.peer({ ...OPTIONS, warmup: { rate: 10 } });
  await second.events.next('warmup.progress', { done: 5 });
  first.redis.fail();
  await second.until(second.cache.getMany(keys.slice(0, 5)));
  await second.events.next('breaker.changed', { state: 'open' });
  await second.advance('20s');
  const { phase, done } = await second.understudy.ask({ type: 'warmer.status' });
  expect(phase).toBe('reading');
  expect(done).toBeLessThan(20);
  first.redis.restore();
  await second.events.next('warmup.progress', { done: 100 });
  expect(second.events.of('warmup.progress').filter((event) => event.done === done)).toHaveLength(1);
});

test('while callers keep Redis busy nothing is warmed', async () => {
  await using first = await withHotKeys();
  const second = await first.peer({ ...OPTIONS, warmup: { rate: 1 }, batch: { maxInFlight: 1 } });
  await second.advance('1s');
  const before = (await second.understudy.ask({ type: 'warmer.status' })).done;
  first.redis.slow(200);
  const busy = new AbortController();
  const callers = Promise.all(
    keys.slice(0, 4).map(async (key) => {
      while (!busy.signal.aborted) await second.cache.get(key);
    }),
  );
  await second.advance('20s');
  expect((await second.understudy.ask({ type: 'warmer.status' })).done).toBe(before);
  busy.abort();
  first.redis.slow(0);
  await second.until(callers);
  await second.events.next('warmup.progress', { done: before + 1 });
});

test.each([
  ['20s', 'a'],
  ['40s', undefined],
])('of a value last seen in Redis %s before it went out, this is put back: %s', async (since, back) => {
  await using system = await createTestUnderstudy({ ...OPTIONS, warmup: true, failover: { maxBytes: 1 } });
  await system.cache.set('hot', 'a');
  await system.cache.get('hot');
  await system.advance(since);
  system.redis.fail();
  for (let at = 0; at < 5; at++) await system.until(system.cache.get('other'));
  await system.events.next('breaker.changed', { state: 'open' });
  system.redis.flush();
  system.redis.restore();
  await system.events.next('redis.emptied');
  await system.advance('5s');
  expect(system.redis.value('hot')).toBe(back);
});

test('a warmer that crashes goes on where it was', async () => {
  const crash = injectCrashes();
  await using first = await withHotKeys();
  const second = await first.peer({ ...OPTIONS, warmup: { rate: 10 } });
  await second.events.next('warmup.progress', { done: 50 });
  crash('warmer');
  await second.events.next('actor.restarted', { actor: 'warmer' });
  await second.events.next('warmup.progress', { done: 100, warmed: 100 });
  expect(second.events.of('warmup.progress').map(({ done }) => done)).toEqual(
    Array.from({ length: 101 }, (_, at) => at),
  );
});

test('a warmer needs hot keys to be counted', async () => {
  await expect(createUnderstudy({ warmup: true })).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
    message: expect.stringContaining('warmup: expected hotKeys.size above 0'),
  });
  await expect(createUnderstudy({ warmup: { rate: 0 }, hotKeys: { size: 10 } })).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
  });
  const alone = await createUnderstudy({ warmup: true, hotKeys: { size: 10 } });
  await alone.stop();
});
