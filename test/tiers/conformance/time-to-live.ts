import { expect, test } from 'vitest';
import { freshOf, versionOf } from '../../../src/wire/stored.ts';
import { valuesOf } from '../tier-under-test.ts';
import type { Bench } from './bench.ts';

/** What a real server may lag behind, in milliseconds. */
const LAG = 5_000;

export function keepsTimesToLive(bench: Bench): void {
  const left = async (key: string): Promise<number> => (await bench().under.timeLeft(key)) ?? Number.NaN;

  test('a value lives as long as its set says, and the last set counts', async () => {
    const { under, changes } = bench();
    await under.tier.write([
      changes.set('a', 1, 600_000),
      changes.set('b', 1, 600_000),
      changes.set('b', 2, 60_000),
    ]);
    expect(await left('a')).toBeGreaterThan(600_000 - LAG);
    expect(await left('a')).toBeLessThanOrEqual(600_000);
    expect(await left('b')).toBeGreaterThan(60_000 - LAG);
    expect(await left('b')).toBeLessThanOrEqual(60_000);
  });

  test('a value is gone when its time is over, and what follows finds nothing', async () => {
    const { under, changes } = bench();
    await under.tier.write([changes.set('a', 1, 50), changes.set('b', 2), changes.increment('n', 5, 50)]);
    await under.elapse(50);
    await expect.poll(() => valuesOf(under.tier, ['a', 'b', 'n'])).toEqual([undefined, 2, undefined]);
    expect(
      await under.tier.write([changes.delete('a'), changes.touch('n'), changes.increment('n', 1)]),
    ).toEqual([
      { status: 'done', existed: false },
      { status: 'done', existed: false },
      { status: 'done', value: 1 },
    ]);
  });

  test('touch gives a new time to live from now on, longer or shorter, and makes the value no newer', async () => {
    const { under, changes } = bench();
    const set = changes.set('a', { v: 1 }, 60_000);
    await under.tier.write([set, changes.set('b', 2, 3_600_000)]);
    const touch = changes.touch('a', 600_000);
    expect(await under.tier.write([touch, changes.touch('b', 1_000)])).toEqual([
      { status: 'done', existed: true },
      { status: 'done', existed: true },
    ]);
    expect(await left('a')).toBeGreaterThan(600_000 - LAG);
    expect(await left('b')).toBeLessThanOrEqual(1_000);
    const [stored] = await under.tier.read(['a']);
    expect([versionOf(String(stored)), freshOf(String(stored))]).toEqual([set.version, touch.fresh]);
    expect(await valuesOf(under.tier, ['a'])).toEqual([{ v: 1 }]);
  });

  test('touch of nothing says so and makes nothing', async () => {
    const { under, changes } = bench();
    expect(await under.tier.write([changes.touch('a')])).toEqual([{ status: 'done', existed: false }]);
    expect(await under.tier.read(['a'])).toEqual([null]);
  });

  test('increment keeps the time to live that there is, and begins with its own', async () => {
    const { under, changes } = bench();
    await under.tier.write([
      changes.set('n', 1, 60_000),
      changes.increment('n', 1, 3_600_000),
      changes.increment('m', 1, 60_000),
      changes.increment('m', 1, 3_600_000),
    ]);
    for (const key of ['n', 'm']) {
      expect(await left(key)).toBeGreaterThan(60_000 - LAG);
      expect(await left(key)).toBeLessThanOrEqual(60_000);
    }
  });

  test('the stored text says until when it is fresh, as the tier does', async () => {
    const { under, changes } = bench();
    await under.tier.write([
      changes.set('a', 1, 60_000),
      changes.increment('n', 1, 60_000),
      changes.increment('n', 1, 600_000),
      changes.set('t', 1, 600_000),
      changes.touch('t', 60_000),
    ]);
    const stored = await under.tier.read(['a', 'n', 't']);
    for (const text of stored) {
      const fresh = Number(freshOf(String(text))) - under.time.now();
      expect(fresh).toBeGreaterThan(60_000 - LAG);
      expect(fresh).toBeLessThanOrEqual(60_000);
    }
  });
}
