import { expect, test } from 'vitest';
import { startKit } from './kits.ts';

test('a value lives as long as its time to live, in memory and in Redis', async () => {
  const kit = await startKit();
  await kit.cache.set('k', 1, { ttl: '5m' });
  expect(kit.redis.timeLeft('k')).toBe(300_000);
  await kit.advance('4m');
  await kit.advance(59_999);
  expect([await kit.cache.get('k'), kit.redis.value('k'), kit.memory.value('k')]).toEqual([1, 1, 1]);
  await kit.advance(1);
  expect([await kit.cache.get('k'), kit.redis.value('k'), kit.memory.value('k')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('memory expires during an outage as well', async () => {
  const kit = await startKit();
  await kit.cache.set('k', 1, { ttl: '10s' });
  kit.redis.fail();
  await kit.advance(9_999);
  expect(await kit.cache.get('k')).toBe(1);
  await kit.advance(1);
  expect(await kit.cache.get('k')).toBeUndefined();
});

test('the breaker opens after its failures, tries at the reset timeout, and closes when the trial succeeds', async () => {
  const kit = await startKit({
    breaker: { failures: 3, resetTimeout: 30_000, probe: { min: 600_000, max: 600_000 } },
  });
  kit.redis.fail('LOADING');
  for (let call = 0; call < 2; call++) await kit.cache.get('k');
  expect(kit.breaker.state).toBe('closed');
  await kit.cache.get('k');
  const opened = await kit.events.next('breaker.changed', { state: 'open' });
  expect(opened.reason).toContain('LOADING');

  const began = kit.now();
  await kit.events.next('breaker.changed', { state: 'half-open' });
  expect(kit.now() - began).toBe(30_000);
  expect(await kit.events.next('breaker.changed')).toMatchObject({
    state: 'open',
    reason: 'the trial failed',
  });

  kit.redis.restore();
  await kit.events.next('breaker.changed', { state: 'half-open' });
  expect(kit.now() - began).toBe(60_000);
  expect(await kit.events.next('breaker.changed')).toMatchObject({ state: 'closed' });
});

test('failures are forgotten with the window of the breaker', async () => {
  // Heartbeats count as well.
  const kit = await startKit({ breaker: { failures: 1_000, errorRate: 0.5, minimum: 20, window: 10_000 } });
  const fails = async (times: number): Promise<void> => {
    kit.redis.fail('LOADING');
    for (let call = 0; call < times; call++) await kit.cache.get('k');
    kit.redis.restore();
  };
  await fails(15);
  await kit.advance('12s');
  await fails(15);
  expect(kit.breaker.state).toBe('closed');
  await fails(5);
  expect(kit.breaker.state).toBe('open');
});

test('a lease whose holder never comes back expires, and the next asker has it', async () => {
  const kit = await startKit({ lease: { ttl: '30s' } });
  const ask = () => kit.understudy.ask({ type: 'cache.acquire', key: 'k' }, { deadline: 60_000 });
  expect(await ask()).toMatchObject({ found: false, lease: expect.any(String) });
  expect(kit.redis.leased('k')).toBe(true);
  const second = ask();
  const began = kit.now();
  expect(await kit.until(second)).toMatchObject({ found: false, lease: expect.any(String) });
  expect(kit.now() - began).toBeGreaterThanOrEqual(29_000);
  expect(kit.now() - began).toBeLessThanOrEqual(31_000);
});

test('one process loads for all', async () => {
  const kit = await startKit();
  const peer = await kit.peer();
  let loads = 0;
  const load = () =>
    new Promise<number>((resolve) => {
      loads++;
      kit.clock.setTimeout(() => resolve(42), 2_000);
    });
  const both = Promise.all([kit.cache.getOrSet('k', load), peer.cache.getOrSet('k', load)]);
  await kit.advance(1_999);
  expect(kit.redis.leased('k')).toBe(true);
  expect(await kit.until(both)).toEqual([42, 42]);
  expect([loads, kit.redis.leased('k'), kit.redis.value('k')]).toEqual([1, false, 42]);
});

test('a caller is answered at its deadline', async () => {
  const kit = await startKit();
  const never = kit.cache.getOrSet('k', () => new Promise(() => {}), { deadline: 200 });
  const began = kit.now();
  await expect(kit.until(never)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  expect(kit.now() - began).toBeLessThanOrEqual(200);
  expect(kit.now() - began).toBeGreaterThan(150);
});

test('an hour of an idle system takes no time', async () => {
  const kit = await startKit();
  const [virtual, real] = [kit.now(), performance.now()];
  await kit.advance('1h');
  expect(kit.now() - virtual).toBe(3_600_000);
  expect(performance.now() - real).toBeLessThan(5_000);
});

test('two who let time pass at once do not turn it back', async () => {
  const kit = await startKit();
  const began = kit.now();
  await Promise.all([kit.advance(1_000), kit.advance(10)]);
  expect(kit.now() - began).toBe(1_000);
});

test('what is no span of time is refused, and named', async () => {
  const kit = await startKit();
  for (const wrong of [-1, 0.5, Number.NaN, 'soon'])
    await expect(kit.advance(wrong)).rejects.toMatchObject({
      code: 'INVALID_TTL',
      message: expect.stringMatching(/^advance: expected .* got /),
    });
});

test('what never ends is given up after the time that it was given', async () => {
  const kit = await startKit();
  const began = kit.now();
  await expect(kit.until(new Promise(() => {}), { within: '10m' })).rejects.toMatchObject({
    code: 'DEADLINE_EXCEEDED',
    message: expect.stringContaining('600000 ms'),
  });
  expect(kit.now() - began).toBe(600_000);
});

test('it stops however Redis is, and its peers with it', async () => {
  const kit = await startKit();
  const peer = await kit.peer();
  kit.redis.freeze();
  const pending = kit.cache.set('k', 1);
  await kit.stop();
  await kit.stop();
  expect(await pending).toMatchObject({ durable: false });
  expect([kit.understudy.state, peer.understudy.state]).toEqual(['stopped', 'stopped']);
  await expect(kit.cache.get('k')).rejects.toMatchObject({ code: 'STOPPING' });
});

test('it is stopped by `await using`', async () => {
  const { understudy } = await (async () => {
    await using kit = await startKit();
    return { understudy: kit.understudy };
  })();
  expect(understudy.state).toBe('stopped');
});
