import { expect, test } from 'vitest';
import { createUnderstudy } from '../../src/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

test('what leaves memory is told with the reason', async () => {
  const clock = new VirtualClock();
  const understudy = await createUnderstudy({ clock, memory: { maxEntries: 2 } });
  const { cache } = understudy;
  const told: [string, string][] = [];
  cache.on('evict', ({ key, reason }) => told.push([key, reason]));
  for (const key of ['a', 'b', 'c']) {
    await cache.set(key, 1, { ttl: '1m' });
    await cache.get(key);
  }
  await clock.advance(60_000);
  await cache.get('c');
  expect(told).toEqual([
    ['a', 'capacity'],
    ['c', 'expired'],
  ]);
  await understudy.stop();
});
