import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RestartBudget } from '../../src/runtime/restart-budget.ts';

test('no window of the period ever holds more restarts than the intensity, and none is refused below it', () => {
  const limits = fc.record({ intensity: fc.nat(6), period: fc.integer({ min: 1, max: 500 }) });
  fc.assert(
    fc.property(limits, fc.array(fc.nat(120), { maxLength: 60 }), ({ intensity, period }, gaps) => {
      const budget = new RestartBudget({ intensity, period });
      const granted: number[] = [];
      let now = 0;
      for (const gap of gaps) {
        now += gap;
        const recent = granted.filter((at) => now - at < period).length;
        expect(budget.spent(now)).toBe(recent);
        expect(budget.spend(now)).toBe(recent < intensity);
        if (recent < intensity) granted.push(now);
      }
    }),
  );
});

test('the window slides: a restart comes back when it is a period old', () => {
  const budget = new RestartBudget({ intensity: 2, period: 1_000 });
  expect([0, 600, 999, 1_000, 1_001, 1_600].map((now) => budget.spend(now))).toEqual([
    true,
    true,
    false,
    true,
    false,
    true,
  ]);
});

test('an intensity of 0 allows no restart at all', () => {
  expect(new RestartBudget({ intensity: 0, period: 1_000 }).spend(0)).toBe(false);
});
