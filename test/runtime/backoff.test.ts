import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoff } from '../../src/runtime/backoff.ts';

const bounds = fc
  .tuple(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 100_000 }))
  .map(([min, more]) => ({ min, max: min + more }));

test('each step is twice the one before, up to the longest; half of it is certain and half drawn', () => {
  fc.assert(
    fc.property(
      fc.nat(2_000),
      bounds,
      fc.double({ min: 0, max: 0.999_999, noNaN: true }),
      (attempt, { min, max }, drawn) => {
        const step = Math.min(max, min * 2 ** attempt);
        const delay = backoff(attempt, { min, max }, () => drawn);
        expect(delay).toBeGreaterThanOrEqual(step / 2);
        expect(delay).toBeLessThan(step);
        expect(delay).toBeCloseTo(step / 2 + (step / 2) * drawn);
      },
    ),
  );
});

test('delays grow with the attempts, until they are longest', () => {
  const delays = Array.from({ length: 10 }, (_, attempt) =>
    backoff(attempt, { min: 20, max: 2_000 }, () => 0.5),
  );
  expect(delays).toEqual([15, 30, 60, 120, 240, 480, 960, 1_500, 1_500, 1_500]);
});

test('by itself it draws: those that failed together do not come back together', () => {
  const delays = Array.from({ length: 100 }, () => backoff(3, { min: 100, max: 10_000 }));
  expect(new Set(delays).size).toBeGreaterThan(90);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(400);
  expect(Math.max(...delays)).toBeLessThan(800);
});
