import { expect, test } from 'vitest';
import { Change } from '../../actors/cache/change.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { DONE } from '../../src/tiers/tier.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { Changes } from '../tiers/changes.ts';

function aChange() {
  const told: string[] = [];
  const tell = (news: string) => (): void => {
    told.push(news);
  };
  const writer = { accepted: tell('accepted'), refused: tell('refused') };
  const owner = { ended: tell('ended'), overdue: tell('overdue'), unsecured: tell('unsecured') };
  const write = new Changes(new HybridClock(new VirtualClock())).set('a', 1);
  return { change: new Change(write, writer, owner), told };
}

test('one of many that was answered before the deadline of all is not overdue', () => {
  const { change, told } = aChange();
  change.accept(DONE, 'memory', true, true);
  change.late();
  expect(told).toEqual(['accepted']);
});

test('what waits for the store of the journal is answered at the deadline, and journaled once', () => {
  const { change, told } = aChange();
  change.journaled = DONE;
  change.late();
  expect(told).toEqual(['unsecured']);
});
