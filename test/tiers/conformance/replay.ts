import { expect, test } from 'vitest';
import { versionOf } from '../../../src/wire/stored.ts';
import { valuesOf } from '../tier-under-test.ts';
import type { Bench } from './bench.ts';

export function replaysWhatComesLate(bench: Bench): void {
  const replayed = async (
    ...writes: Parameters<ReturnType<Bench>['under']['tier']['replay']>[0]
  ): Promise<string[]> => (await bench().under.tier.replay(writes)).map(({ status }) => status);

  test('a late change is made where there is nothing, or something older', async () => {
    const { under, changes } = bench();
    await under.tier.write([changes.set('older', 'before'), changes.set('deleted', 'before')]);
    await under.foreign('foreign', '"no version"');
    expect(
      await replayed(
        changes.set('none', 1),
        changes.set('older', 2),
        changes.set('foreign', 3),
        changes.delete('deleted'),
      ),
    ).toEqual(['done', 'done', 'done', 'done']);
    expect(await valuesOf(under.tier, ['none', 'older', 'foreign', 'deleted'])).toEqual([1, 2, 3, undefined]);
  });

  test('a late change is superseded by anything newer', async () => {
    const { under, changes } = bench();
    const late = [changes.set('a', 'late'), changes.delete('a'), changes.touch('a', 1_000)];
    const newer = changes.set('a', 'newer');
    await under.tier.write([newer]);
    expect(await replayed(...late)).toEqual(['superseded', 'superseded', 'superseded']);
    expect(await under.tier.read(['a'])).toEqual([newer.stored]);
    expect(await under.timeLeft('a')).toBeGreaterThan(60_000);
  });

  test('a deletion is remembered: nothing older brings the key back, something newer does', async () => {
    const { under, changes } = bench();
    const late = changes.set('a', 'late');
    const lateToo = changes.set('b', 'late');
    await under.tier.write([changes.set('a', 'x'), changes.delete('a')]);
    await replayed(changes.delete('b'));
    expect(await replayed(late, lateToo)).toEqual(['superseded', 'superseded']);
    expect(await valuesOf(under.tier, ['a', 'b'])).toEqual([undefined, undefined]);
    expect(await replayed(changes.set('a', 'new'), changes.set('b', 'new'))).toEqual(['done', 'done']);
    expect(await valuesOf(under.tier, ['a', 'b'])).toEqual(['new', 'new']);
  });

  test('a late deletion takes what is older than it, though another instance, its clock ahead, deleted before', async () => {
    const { under, changes } = bench();
    const set = changes.set('a', 'older');
    const late = changes.delete('a');
    await under.tier.write([changes.delete('a'), set]);
    expect(await replayed(late)).toEqual(['done']);
    expect(await under.tier.read(['a'])).toEqual([null]);
    expect(await replayed(late)).toEqual(['superseded']);
  });

  test('the same change twice is made once', async () => {
    const { under, changes } = bench();
    const set = changes.set('a', 1);
    const remove = changes.delete('b');
    await replayed(set, remove);
    await replayed(set, remove);
    expect(await under.tier.read(['a', 'b'])).toEqual([set.stored, null]);
  });

  test('a late touch gives an older value its time to live, makes it no newer, and makes nothing out of nothing', async () => {
    const { under, changes } = bench();
    const set = changes.set('a', 'kept', 60_000);
    await under.tier.write([set]);
    const touch = changes.touch('a', 600_000);
    await replayed(touch, changes.touch('none'));
    expect(await under.timeLeft('a')).toBeGreaterThan(500_000);
    expect(versionOf(String((await under.tier.read(['a']))[0]))).toBe(set.version);
    expect(await under.tier.read(['none'])).toEqual([null]);
  });

  test('a late increment adds to whatever is there, newer or older, and keeps its time to live', async () => {
    const { under, changes } = bench();
    const late = [
      changes.increment('newer', 5),
      changes.increment('older', 5),
      changes.increment('none', 5, 60_000),
    ];
    const older = changes.set('older', 1, 60_000);
    await under.tier.write([changes.set('newer', 10, 60_000)]);
    await under.tier.replay([{ ...older, version: late[0]?.version ?? '' }]);
    expect(await replayed(...late)).toEqual(['done', 'done', 'done']);
    expect(await valuesOf(under.tier, ['newer', 'older', 'none'])).toEqual([15, 6, 5]);
    for (const key of ['newer', 'older', 'none'])
      expect(await under.timeLeft(key)).toBeLessThanOrEqual(60_000);
  });

  test('a late increment does not lower the version of what it adds to', async () => {
    const { under, changes } = bench();
    const late = changes.increment('a', 1);
    const between = changes.set('a', 'between');
    const newer = changes.set('a', 10);
    await under.tier.write([newer]);
    await replayed(late);
    expect(await replayed(between)).toEqual(['superseded']);
    expect(await valuesOf(under.tier, ['a'])).toEqual([11]);
  });

  test('a late increment of what was deleted since is superseded, and of what is no number refused', async () => {
    const { under, changes } = bench();
    const late = changes.increment('a', 1);
    await under.tier.write([changes.delete('a'), changes.set('b', 'text')]);
    expect(await replayed(late, changes.increment('b', 1), changes.increment('a', 2))).toEqual([
      'superseded',
      'not-a-number',
      'done',
    ]);
    expect(await valuesOf(under.tier, ['a', 'b'])).toEqual([2, 'text']);
  });

  test('the changes of one replay are made in their order', async () => {
    const { under, changes } = bench();
    expect(await replayed(changes.set('a', 1), changes.increment('a', 1), changes.delete('a'))).toEqual([
      'done',
      'done',
      'done',
    ]);
    expect(await under.tier.read(['a'])).toEqual([null]);
  });

  test('more than a batch of late changes', async () => {
    const { under, changes } = bench();
    const keys = Array.from({ length: 200 }, (_, at) => `key ${at}`);
    const late = keys.map((key) => changes.set(key, 'late'));
    await under.tier.write(keys.filter((_, at) => at % 3 === 0).map((key) => changes.set(key, 'newer')));
    expect(await replayed(...late)).toEqual(keys.map((_, at) => (at % 3 === 0 ? 'superseded' : 'done')));
    expect(await valuesOf(under.tier, keys)).toEqual(keys.map((_, at) => (at % 3 === 0 ? 'newer' : 'late')));
  });
}
