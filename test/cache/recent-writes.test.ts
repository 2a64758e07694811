import { expect, test } from 'vitest';
import { RecentWrites } from '../../actors/cache/recent-writes.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { Changes } from '../tiers/changes.ts';

function start(limits: { window?: number; maxEntries?: number; maxBytes?: number }) {
  const clock = new VirtualClock();
  const changes = new Changes(new HybridClock(clock));
  const recent = new RecentWrites({ window: 1_000, maxEntries: 4, maxBytes: 1e6, ...limits });
  const keys = () => [...recent.changes(changes.time.now())].map(({ key }) => key);
  return { clock, changes, recent, keys };
}

test('the newest are remembered, oldest first', () => {
  const { changes, recent, keys } = start({ maxEntries: 3 });
  for (const key of ['a', 'b', 'c', 'd', 'e']) recent.add(changes.set(key, 1));
  expect(keys()).toEqual(['c', 'd', 'e']);
});

test('what is older than the window is not told', async () => {
  const { clock, changes, recent, keys } = start({ window: 1_000 });
  recent.add(changes.set('old', 1));
  recent.addClearing({ prefix: 'p', version: changes.time.next() });
  await clock.advance(600);
  recent.add(changes.delete('new'));
  expect(keys()).toEqual(['old', 'new']);
  expect(recent.clearings(changes.time.now())).toHaveLength(1);
  await clock.advance(600);
  expect(keys()).toEqual(['new']);
  expect(recent.clearings(changes.time.now())).toEqual([]);
});

test('they take no more room than they may', () => {
  const { changes, recent, keys } = start({ maxBytes: 2_000 });
  recent.add(changes.set('a', 'x'.repeat(400)));
  recent.add(changes.set('b', 'x'.repeat(400)));
  expect(keys()).toEqual(['b']);
  recent.add(changes.set('c', 'x'.repeat(4_000)));
  expect(keys()).toEqual([]);
  recent.add(changes.delete('d'));
  expect(keys()).toEqual(['d']);
});
