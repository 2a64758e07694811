import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrequencySketch } from '../../bench/admission/policies/frequency-sketch.ts';

const times = (count: number, run: () => void): void => {
  for (let at = 0; at < count; at++) run();
};

test('never says less than was counted, up to fifteen', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 300 }), (keys) => {
      const sketch = new FrequencySketch(4, Infinity);
      for (const key of keys) sketch.count(key);
      for (const key of keys) {
        const counted = keys.filter((each) => each === key).length;
        expect(sketch.frequency(key)).toBeGreaterThanOrEqual(Math.min(15, counted));
        expect(sketch.frequency(key)).toBeLessThanOrEqual(15);
      }
    }),
  );
});

test('is exact for almost all keys of a cache that it was made for', () => {
  const sketch = new FrequencySketch(1_000, Infinity);
  const keys = Array.from({ length: 1_000 }, (_, at) => `key:${at}`);
  for (const [at, key] of keys.entries()) times(at % 5, () => sketch.count(key));
  const wrong = keys.filter((key, at) => sketch.frequency(key) !== at % 5);
  expect(wrong.length).toBeLessThan(10);
});

test('halves all counts once the sample is full, and again after half a sample', () => {
  const sketch = new FrequencySketch(100, 10);
  times(9, () => sketch.count('a'));
  expect(sketch.frequency('a')).toBe(9);
  sketch.count('b');
  expect([sketch.frequency('a'), sketch.frequency('b')]).toEqual([4, 0]);
  times(5, () => sketch.count('c'));
  expect([sketch.frequency('a'), sketch.frequency('c')]).toEqual([2, 2]);
});
