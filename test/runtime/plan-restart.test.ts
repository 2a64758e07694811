import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planRestart, type Strategy } from '../../src/runtime/child-spec.ts';

const ORDER = ['a', 'b', 'c', 'd'];

test.each<[Strategy, string, string[], string[]]>([
  ['one-for-one', 'b', [], ['b']],
  ['one-for-all', 'b', ['d', 'c', 'a'], ['a', 'b', 'c', 'd']],
  ['rest-for-one', 'b', ['d', 'c'], ['b', 'c', 'd']],
  ['rest-for-one', 'a', ['d', 'c', 'b'], ['a', 'b', 'c', 'd']],
  ['rest-for-one', 'd', [], ['d']],
])('%s: when %s ends, %j are stopped and %j started', (strategy, id, stop, start) => {
  expect(planRestart(strategy, ORDER, id)).toEqual({ stop, start });
});

test.each<Strategy>(['one-for-one', 'one-for-all', 'rest-for-one'])(
  '%s: stops in reverse order what it starts in order, but for the one that ended, and touches nobody else',
  (strategy) => {
    const siblings = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(siblings, fc.nat(), (order, pick) => {
        const at = pick % order.length;
        const id = order[at] ?? '';
        const before = [...order];
        const { stop, start } = planRestart(strategy, order, id);
        expect(start).toEqual(order.filter((other) => start.includes(other)));
        expect(stop).toEqual(start.filter((other) => other !== id).toReversed());
        const fate = { 'one-for-one': [id], 'one-for-all': order, 'rest-for-one': order.slice(at) };
        expect(start).toEqual(fate[strategy]);
        expect(order).toEqual(before);
      }),
    );
  },
);

test('the end of somebody unknown concerns nobody', () => {
  expect(planRestart('one-for-all', ORDER, 'z')).toEqual({ stop: [], start: [] });
});
