import { expect, test } from 'vitest';
import { EventBus } from '../../src/runtime/events.ts';
import { Failovers } from '../../src/system/failovers.ts';

/** How many failovers there had been after each look at the histories of the masters. */
function counted(...looks: readonly string[][]): number[] {
  const failovers = new Failovers(new EventBus(() => {}));
  return looks.map((histories) => {
    failovers.saw(histories);
    return failovers.count;
  });
}

test('a history that is replaced by another is a failover', () => {
  expect(counted(['a'], ['a'], ['b'], ['b'], ['a'])).toEqual([0, 0, 1, 1, 2]);
});

test('a master without a successor yet is waited for', () => {
  expect(counted(['a', 'b', 'c'], ['a', 'b'], ['a', 'b'], ['a', 'b', 'd'])).toEqual([0, 0, 0, 1]);
  expect(counted(['a', 'b', 'c'], ['a', 'b'], ['c', 'b', 'a'])).toEqual([0, 0, 0]);
});

test('a master that joins is none', () => {
  expect(counted([], ['a'], ['a', 'b'], ['b', 'a'])).toEqual([0, 0, 0, 0]);
});
