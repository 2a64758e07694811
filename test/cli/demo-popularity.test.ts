import { expect, test } from 'vitest';
import { Popularity } from '../../src/cli/demo/popularity.ts';
import { seededRandom } from '../servers/seeded-random.ts';

test('the n-th most popular key is picked in proportion to 1 / n ** skew', () => {
  const popularity = new Popularity(50, 1.2);
  const random = seededRandom(3);
  const draws = 100_000;
  const counts = new Array<number>(50).fill(0);
  for (let draw = 0; draw < draws; draw++) {
    const picked = popularity.pick(random());
    counts[picked] = (counts[picked] ?? 0) + 1;
  }
  const weights = counts.map((_, rank) => 1 / (rank + 1) ** 1.2);
  const sum = weights.reduce((a, b) => a + b);
  for (const [rank, weight] of weights.entries()) {
    expect(Math.abs((counts[rank] ?? 0) / draws - weight / sum)).toBeLessThan(0.01);
  }
});

test('the ends of the range are the first and the last key', () => {
  const popularity = new Popularity(10, 1);
  expect([popularity.pick(0), popularity.pick(1)]).toEqual([0, 9]);
});
