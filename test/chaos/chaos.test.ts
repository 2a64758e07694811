import { expect, test } from 'vitest';
import { resultOf } from './report/result.ts';
import { run } from './run.ts';

test.each([1, 2, 3])(
  'seed %i: a fleet goes through real faults and breaks no promise',
  { timeout: 90_000 },
  async (seed) => {
    const settings = { near: false, staleness: 250, durable: false, fleetLeases: false };
    const { operations, faults, violations } = resultOf(
      await run({ ...settings, without: [], options: '{}', seed, seconds: 4, processes: 3 }),
    );
    expect(violations).toEqual([]);
    expect(operations).toBeGreaterThan(100);
    expect(faults).toBeGreaterThan(2);
  },
);
