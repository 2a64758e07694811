import { expect, test } from 'vitest';
import { DONE } from '../../../src/tiers/tier.ts';
import { valuesOf } from '../tier-under-test.ts';
import type { Bench } from './bench.ts';

export function readsAndWrites(bench: Bench): void {
  test('what is set is read, byte for byte, in the order asked for and as often', async () => {
    const { under, changes } = bench();
    const [a, b] = [changes.set('a', 1), changes.set('b', 'zwei')];
    expect(await under.tier.write([a, b])).toEqual([DONE, DONE]);
    expect(await under.tier.read(['b', 'none', 'a', 'b'])).toEqual([b.stored, null, a.stored, b.stored]);
  });

  test('any key and any value: unicode, glob and hash tag characters, empty and large', async () => {
    const { under, changes } = bench();
    const keys = [
      'größe',
      '漢字',
      '😀',
      '\0',
      ' ',
      '~a',
      '%7Ea',
      '{tag}a',
      'a*',
      '[a]',
      'a\\',
      'a'.repeat(1024),
    ];
    const values = [
      null,
      0,
      '',
      false,
      [],
      {},
      '😀'.repeat(10),
      { deep: [[1]] },
      'x'.repeat(300_000),
      -1.5,
      true,
      'é',
    ];
    await under.tier.write(keys.map((key, at) => changes.set(key, values[at])));
    expect(await valuesOf(under.tier, keys)).toEqual(values);
  });

  test('more than a batch: every change and every answer in its place', async () => {
    const { under, changes } = bench();
    const keys = Array.from({ length: 300 }, (_, at) => `key ${at}`);
    expect(await under.tier.write(keys.map((key, at) => changes.set(key, at)))).toEqual(keys.map(() => DONE));
    expect(await valuesOf(under.tier, keys.toReversed())).toEqual(keys.map((_, at) => at).toReversed());
  });

  test('no changes, no outcomes; no keys, no texts', async () => {
    const { under } = bench();
    expect(await under.tier.write([])).toEqual([]);
    expect(await under.tier.replay([])).toEqual([]);
    expect(await under.tier.read([])).toEqual([]);
  });

  test('delete says whether there was something', async () => {
    const { under, changes } = bench();
    await under.tier.write([changes.set('a', 1)]);
    const outcomes = await under.tier.write([changes.delete('a'), changes.delete('a'), changes.delete('b')]);
    expect(outcomes).toEqual([
      { status: 'done', existed: true },
      { status: 'done', existed: false },
      { status: 'done', existed: false },
    ]);
    expect(await under.tier.read(['a', 'b'])).toEqual([null, null]);
  });

  test('the changes of a batch happen in their order', async () => {
    const { under, changes } = bench();
    const outcomes = await under.tier.write([
      changes.set('a', 1),
      changes.increment('a', 4),
      changes.delete('a'),
      changes.touch('a'),
      changes.increment('a', 2),
      changes.set('b', 'x'),
      changes.set('b', 'y'),
      changes.touch('b'),
    ]);
    expect(outcomes).toEqual([
      DONE,
      { status: 'done', value: 5 },
      { status: 'done', existed: true },
      { status: 'done', existed: false },
      { status: 'done', value: 2 },
      DONE,
      DONE,
      { status: 'done', existed: true },
    ]);
    expect(await valuesOf(under.tier, ['a', 'b'])).toEqual([2, 'y']);
  });

  test('a change is unconditional: an older one written later wins', async () => {
    const { under, changes } = bench();
    const older = changes.set('a', 'older');
    await under.tier.write([changes.set('a', 'newer'), changes.delete('b')]);
    await under.tier.write([older, { ...older, key: 'b' }]);
    expect(await valuesOf(under.tier, ['a', 'b'])).toEqual(['older', 'older']);
  });

  test('what somebody else wrote is read as it stands, and replaced', async () => {
    const { under, changes } = bench();
    await under.foreign('a', '{"plain":true}');
    await under.foreign('b', 'no json');
    expect(await under.tier.read(['a', 'b'])).toEqual(['{"plain":true}', 'no json']);
    await under.tier.write([changes.set('a', 1), changes.delete('b')]);
    expect(await valuesOf(under.tier, ['a', 'b'])).toEqual([1, undefined]);
  });

  test('a key that holds no text, where that can be, is a miss; it cannot be counted up or touched, but set and deleted', async () => {
    const { under, changes } = bench();
    if (under.wrongType === undefined) {
      expect(['memory', 'postgres']).toContain(under.tier.name);
      return;
    }
    await under.wrongType('list');
    expect(await under.tier.read(['list'])).toEqual([null]);
    expect(await under.tier.write([changes.increment('list', 1), changes.touch('list')])).toEqual([
      { status: 'not-a-number' },
      { status: 'done', existed: false },
    ]);
    expect(await under.timeLeft('list')).toBeUndefined();
    await under.tier.replay([changes.touch('list'), changes.increment('list', 1)]);
    expect(await under.timeLeft('list')).toBeUndefined();
    await under.tier.write([changes.set('list', 1)]);
    expect(await valuesOf(under.tier, ['list'])).toEqual([1]);
    await under.clear();
    await under.wrongType('list');
    expect(await under.tier.write([changes.delete('list')])).toEqual([{ status: 'done', existed: true }]);
  });
}
