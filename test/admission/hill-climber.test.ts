import { expect, test } from 'vitest';
import { HillClimber } from '../../bench/admission/policies/hill-climber.ts';

const PERIOD = 100;

/** The steps after periods with these hit ratios, in percent. */
function stepsOf(...hits: number[]): number[] {
  const climber = new HillClimber(PERIOD);
  return hits.map((most) => {
    let step = 0;
    for (let at = 0; at < PERIOD; at++) step += climber.record(at < most);
    return step;
  });
}

test('goes on while it gets better, by smaller and smaller steps', () => {
  const [first = 0, second = 0, third = 0] = stepsOf(10, 12, 14);
  expect(first).toBe(0.0625);
  expect([second, third]).toEqual([first * 0.98, first * 0.98 * 0.98]);
});

test('turns when it gets worse', () => {
  expect(stepsOf(14, 12, 13).map(Math.sign)).toEqual([1, -1, -1]);
});

test('takes a full step again when the workload is another one', () => {
  expect(stepsOf(10, 12, 50, 51).at(-1)).toBe(0.0625);
});
