import { expect, test } from 'vitest';
import { valuesOf } from '../tier-under-test.ts';
import type { Bench } from './bench.ts';

export function countsWholeNumbers(bench: Bench): void {
  test('increment begins at 0, adds any whole number, and tells the sum', async () => {
    const { under, changes } = bench();
    const steps = [1, 41, -50, 0, 9_007_199_254_740_991];
    const outcomes = await under.tier.write(steps.map((by) => changes.increment('n', by)));
    expect(outcomes.map((outcome) => outcome.status === 'done' && outcome.value)).toEqual([
      1, 42, -8, -8, 9_007_199_254_740_983,
    ]);
    expect(await valuesOf(under.tier, ['n'])).toEqual([9_007_199_254_740_983]);
  });

  test.each([['text'], ['12'], [1.5], [null], [true], [[]], [{}], [1e300], ['']])(
    'increment of %j is refused and changes nothing',
    async (value) => {
      const { under, changes } = bench();
      const set = changes.set('n', value);
      await under.tier.write([set]);
      expect(await under.tier.write([changes.increment('n', 1)])).toEqual([{ status: 'not-a-number' }]);
      expect(await under.tier.read(['n'])).toEqual([set.stored]);
    },
  );

  test('a sum that is too large to be exact is refused', async () => {
    const { under, changes } = bench();
    await under.tier.write([changes.set('n', 9_007_199_254_740_991)]);
    expect(await under.tier.write([changes.increment('n', 1)])).toEqual([{ status: 'not-a-number' }]);
    expect(await valuesOf(under.tier, ['n'])).toEqual([9_007_199_254_740_991]);
  });

  test('a number that somebody else wrote is counted on', async () => {
    const { under, changes } = bench();
    await under.foreign('n', '41');
    expect(await under.tier.write([changes.increment('n', 1)])).toEqual([{ status: 'done', value: 42 }]);
    expect(await valuesOf(under.tier, ['n'])).toEqual([42]);
    await under.foreign('m', 'no number');
    expect(await under.tier.write([changes.increment('m', 1)])).toEqual([{ status: 'not-a-number' }]);
  });

  test('one refused increment does not stop the batch', async () => {
    const { under, changes } = bench();
    const outcomes = await under.tier.write([
      changes.set('a', 'x'),
      changes.increment('a', 1),
      changes.increment('b', 7),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['done', 'not-a-number', 'done']);
    expect(await valuesOf(under.tier, ['a', 'b'])).toEqual(['x', 7]);
  });
}
