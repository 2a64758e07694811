import { describe, expect, test } from 'vitest';
import { LatencyHistogram } from '../../src/cli/replay/latency-histogram.ts';
import { seededRandom } from '../servers/seeded-random.ts';

const SHARES = [0.01, 0.5, 0.9, 0.99, 0.999, 1];

function exactPercentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? Number.NaN;
}

function recorded(values: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

const random = seededRandom(7);
const shapes: Record<string, () => number> = {
  'evenly spread': () => random() * 100,
  'over seven decades': () => 10 ** (random() * 7 - 2),
  'two humps': () => (random() < 0.98 ? 0.2 + random() * 0.1 : 250 + random() * 50),
};

describe.each(Object.entries(shapes))('latencies %s', (_, draw) => {
  const values = Array.from({ length: 20_000 }, draw);
  const histogram = recorded(values);

  test.each(SHARES)('percentile %f is within 1 % of the exact one', (share) => {
    const exact = exactPercentile(values, share);
    expect(Math.abs(histogram.percentile(share) - exact)).toBeLessThanOrEqual(exact * 0.01 + 0.0001);
  });

  test('count and largest value are exact', () => {
    expect(histogram.count).toBe(values.length);
    expect(histogram.max).toBe(Math.max(...values));
  });
});

test('one value is every percentile, and never more than the largest', () => {
  const histogram = recorded([12.345]);
  for (const share of SHARES) {
    expect(histogram.percentile(share)).toBeCloseTo(12.345, 1);
    expect(histogram.percentile(share)).toBeLessThanOrEqual(12.345);
  }
});

test('the slowest call in a thousand shows at 99.9 % and not at 99 %', () => {
  const histogram = recorded([...new Array<number>(998).fill(1), 400, 400]);
  expect(histogram.percentile(0.99)).toBeCloseTo(1, 1);
  expect(histogram.percentile(0.999)).toBeGreaterThan(396);
});

test('nothing recorded is 0, and a reset forgets', () => {
  const histogram = recorded([5, 50]);
  histogram.reset();
  expect([histogram.percentile(0.5), histogram.max, histogram.count]).toEqual([0, 0, 0]);
});

test('a clock that stepped back and an endless wait are counted, in the first and the last bucket', () => {
  const histogram = recorded([-1, 10 ** 9]);
  expect(histogram.count).toBe(2);
  expect(histogram.percentile(0.5)).toBe(0);
  expect(histogram.percentile(1)).toBeGreaterThan(400_000);
});
