import { beforeEach, expect, test } from 'vitest';
import { BREAKER } from '../model/breaker-options.ts';
import { BreakerUnderTest } from '../model/breaker-under-test.ts';

let breaker: BreakerUnderTest;
beforeEach(async () => {
  breaker = new BreakerUnderTest(1);
  // It takes connections, and then fails.
  breaker.tier.weather.write = 'fails';
  await breaker.tree.start();
});

test('a Redis that takes connections and fails each trial is connected to no more often than one that is gone', async () => {
  const seconds = 60;
  await breaker.tree.clock.advance(seconds * 1_000);
  const connections = breaker.tier.calls.filter((call) => call === 'connect').length;
  // Backed off to the longest pause, of which half is certain.
  expect(connections).toBeGreaterThan(seconds / 2);
  expect(connections).toBeLessThan((2 * seconds * 1_000) / BREAKER.probe.max + 10);
});

test('once it was closed it is asked at once again', async () => {
  await breaker.tree.clock.advance(10_000);
  breaker.tier.weather.write = 'well';
  await breaker.tree.clock.advance(2 * BREAKER.probe.max);
  expect(await breaker.tree.ask('circuit-breaker.status')).toMatchObject({ state: 'closed' });
  breaker.tier.calls.length = 0;
  breaker.tier.weather.read = 'fails';
  breaker.send('read', BREAKER.failures);
  await breaker.tree.clock.advance(0);
  expect(breaker.tier.calls).toEqual([...Array(BREAKER.failures).fill('read'), 'connect', 'probe']);
  expect(await breaker.tree.ask('circuit-breaker.status')).toMatchObject({ state: 'closed', trips: 1 });
});
