import { expect, test } from 'vitest';
import { extrasOf, freshOf, isStale } from '../../../src/wire/stored.ts';
import { valuesOf } from '../tier-under-test.ts';
import type { Bench } from './bench.ts';

/** What a real server may lag behind, in milliseconds. */
const LAG = 5_000;

/** What is kept for a while after it was fresh. */
export function keepsForGrace(bench: Bench): void {
  const stored = async (key: string): Promise<string> => String((await bench().under.tier.read([key]))[0]);

  test('what has grace is kept for longer than it is fresh, and says both', async () => {
    const { under, changes } = bench();
    const set = changes.set('a', { v: 1 }, 50, { grace: 600_000, etag: 'a "quoted", "value": one' });
    await under.tier.write([set]);
    await under.elapse(50);
    await expect.poll(async () => isStale(await stored('a'), under.time.now())).toBe(true);
    expect(await valuesOf(under.tier, ['a'])).toEqual([{ v: 1 }]);
    expect(extrasOf(await stored('a'))).toEqual({ grace: 600_000, etag: 'a "quoted", "value": one' });
  });

  test.each(['write', 'replay'] as const)(
    'a touch (%s) keeps the grace, counted from the new time',
    async (by) => {
      const { under, changes } = bench();
      await under.tier.write([changes.set('a', 1, 60_000, { grace: 600_000, took: 7 })]);
      const touch = changes.touch('a', 120_000);
      expect(await under.tier[by]([touch])).toMatchObject([{ status: 'done' }]);
      expect(freshOf(await stored('a'))).toBe(touch.fresh);
      expect(extrasOf(await stored('a'))).toEqual({ grace: 600_000, took: 7 });
      expect(await under.timeLeft('a')).toBeGreaterThan(720_000 - LAG);
    },
  );

  test.each(['write', 'replay'] as const)(
    'what is stale is neither touched nor added to (%s)',
    async (by) => {
      const { under, changes } = bench();
      await under.tier.write([
        changes.set('a', 1, 50, { grace: 600_000 }),
        changes.set('n', 5, 50, { grace: 600_000 }),
      ]);
      await under.elapse(50);
      await expect.poll(async () => isStale(await stored('n'), under.time.now())).toBe(true);
      await under.tier[by]([changes.touch('a', 120_000), changes.increment('n', 2)]);
      expect(isStale(await stored('a'), under.time.now())).toBe(true);
      expect(await valuesOf(under.tier, ['n'])).toEqual([2]);
    },
  );

  test.each(['write', 'replay'] as const)(
    'a counter with grace counts on, and is fresh as long as it was (%s)',
    async (by) => {
      const { under, changes } = bench();
      const set = changes.set('n', 5, 60_000, { grace: 600_000 });
      await under.tier.write([set]);
      await under.tier[by]([changes.increment('n', 2)]);
      expect(await valuesOf(under.tier, ['n'])).toEqual([7]);
      expect(freshOf(await stored('n'))).toBe(freshOf(set.stored));
      expect(extrasOf(await stored('n'))).toEqual({ grace: 600_000 });
    },
  );
}
