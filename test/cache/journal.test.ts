import { expect, test } from 'vitest';
import { Journal } from '../../actors/cache/journal.ts';
import { isUnderstudyError } from '../../src/runtime/errors.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { Changes } from '../tiers/changes.ts';

function aJournal(maxEntries = 100, maxBytes = 1e6) {
  const time = new HybridClock(new VirtualClock());
  return { journal: new Journal({ maxEntries, maxBytes }, time), changes: new Changes(time) };
}

const keysOf = (writes: readonly { readonly key: string }[]): string[] => writes.map(({ key }) => key);

test('it holds the last change of each key', () => {
  const { journal, changes } = aJournal();
  journal.add(changes.set('a', 1));
  journal.add(changes.set('b', 1));
  const last = changes.set('a', 2);
  journal.add(last);
  expect([journal.size, journal.get('a'), journal.get('none')]).toEqual([2, last, undefined]);
});

test('deletions are replayed before all others, and those in the order of their last change', () => {
  const { journal, changes } = aJournal();
  for (const key of ['a', 'b', 'c']) journal.add(changes.set(key, 1));
  journal.add(changes.delete('d'));
  journal.add(changes.set('a', 2));
  journal.add(changes.delete('e'));
  expect(keysOf(journal.next(10))).toEqual(['d', 'e']);
  expect(keysOf(journal.next(1))).toEqual(['d']);
  for (const write of journal.next(10)) journal.confirm(write);
  expect(keysOf(journal.next(10))).toEqual(['b', 'c', 'a']);
  expect(keysOf(journal.next(2))).toEqual(['b', 'c']);
});

test('a change leaves it when it is confirmed, and one that came meanwhile stays', () => {
  const { journal, changes } = aJournal();
  const first = changes.set('a', 1);
  journal.add(first);
  const second = changes.set('a', 2);
  journal.add(second);
  journal.confirm(first);
  expect([journal.get('a'), journal.replayed]).toEqual([second, 0]);
  journal.confirm(second);
  expect([journal.size, journal.bytes, journal.replayed, journal.superseded]).toEqual([0, 0, 1, 0]);
  journal.confirm(second);
  expect(journal.replayed).toBe(1);
});

test('what Redis held something newer for is counted apart', () => {
  const { journal, changes } = aJournal();
  const write = changes.set('a', 1);
  journal.add(write);
  journal.confirm(write, true);
  expect([journal.size, journal.replayed, journal.superseded]).toEqual([0, 0, 1]);
});

test('an increment that grew while it was on its way is not added twice', () => {
  const { journal, changes } = aJournal();
  journal.add(changes.increment('n', 2));
  const [sent] = journal.next(1);
  journal.add(changes.increment('n', 3));
  if (sent) journal.confirm(sent);
  expect(journal.get('n')).toMatchObject({ op: 'increment', by: 3 });
});

test('a full journal refuses a new value with a typed error and stays as it was', () => {
  const { journal, changes } = aJournal(3);
  for (const key of ['a', 'b', 'c']) journal.add(changes.set(key, 1));
  const before = [journal.size, journal.bytes];
  let refusal: unknown;
  try {
    journal.add(changes.set('d', 1));
  } catch (error) {
    refusal = error;
  }
  expect(isUnderstudyError(refusal, 'JOURNAL_FULL')).toBe(true);
  expect([journal.size, journal.bytes, journal.refused]).toEqual([...before, 1]);
  expect(journal.get('d')).toBeUndefined();
});

test('bytes count too: what would be too large is refused, and what it would replace stays', () => {
  const { journal, changes } = aJournal(100, 2_000);
  const small = changes.set('a', 'x');
  journal.add(small);
  expect(() => journal.add(changes.set('a', 'x'.repeat(2_000)))).toThrow(
    expect.objectContaining({ code: 'JOURNAL_FULL' }),
  );
  expect(journal.get('a')).toBe(small);
  expect(journal.bytes).toBeLessThanOrEqual(2_000);
});

test('in a full journal a key that waits already may change', () => {
  const { journal, changes } = aJournal(2);
  journal.add(changes.set('a', 1));
  journal.add(changes.set('b', 1));
  journal.add(changes.set('a', 2));
  journal.add(changes.increment('b', 1));
  journal.add(changes.delete('a'));
  expect([journal.size, journal.get('a')?.op, journal.refused]).toEqual([2, 'delete', 0]);
});

test('a deletion that finds no room becomes one invalidation of everything older; values that wait stay', () => {
  const { journal, changes } = aJournal(3);
  const older = changes.set('a', 'older').version;
  journal.add(changes.set('a', 1));
  journal.add(changes.delete('b'));
  journal.add(changes.delete('c'));
  journal.add(changes.delete('d'));
  expect(journal.clearing()).toMatchObject({ prefix: '' });
  expect(keysOf(journal.next(10))).toEqual(['a']);
  for (const key of ['b', 'c', 'd', 'unknown']) expect(journal.clears(key, older)).toBe(true);
  expect(journal.clears('b', changes.set('b', 'newer').version)).toBe(false);
  expect(journal.size).toBeLessThanOrEqual(3);
});

test('a clearing takes what is older below its prefix with it, and hides it', () => {
  const { journal, changes } = aJournal();
  for (const key of ['user:1', 'user:2', 'other']) journal.add(changes.set(key, 1));
  journal.addClearing({ prefix: 'user:', version: changes.delete('any').version });
  const newer = changes.set('user:1', 2);
  journal.add(newer);
  expect(keysOf(journal.next(10))).toEqual(['other', 'user:1']);
  expect(journal.clears('user:2', '')).toBe(true);
  expect(journal.clears('user:1', newer.version)).toBe(false);
  expect(journal.clears('other', '')).toBe(false);
});

test('a wider clearing replaces a narrower one, and leaves when it is confirmed', () => {
  const { journal, changes } = aJournal();
  journal.addClearing({ prefix: 'user:1', version: changes.delete('any').version });
  journal.addClearing({ prefix: 'user:', version: changes.delete('any').version });
  expect([journal.size, journal.clearing()?.prefix]).toEqual([1, 'user:']);
  const clearing = journal.clearing();
  if (clearing) journal.confirmClearing(clearing);
  expect([journal.size, journal.clearing(), journal.bytes]).toEqual([0, undefined, 0]);
});

test('clearings are bounded as well: too many become one of everything', () => {
  const { journal, changes } = aJournal(10);
  const older = changes.set('user:0', 1).version;
  for (let count = 0; count < 100; count++) {
    journal.addClearing({ prefix: `user:${count}:`, version: changes.delete('any').version });
  }
  expect(journal.size).toBeLessThanOrEqual(10);
  for (let count = 0; count < 100; count++) expect(journal.clears(`user:${count}:x`, older)).toBe(true);
});

test('clearings take room from entries: together they stay within the bound', () => {
  const { journal, changes } = aJournal(10);
  for (let count = 0; count < 9; count++) {
    journal.addClearing({ prefix: `user:${count}:`, version: changes.delete('any').version });
  }
  journal.add(changes.set('a', 1));
  expect(() => journal.add(changes.set('b', 1))).toThrow(expect.objectContaining({ code: 'JOURNAL_FULL' }));
  journal.add(changes.set('a', 2));
  const { version } = changes.set('c', 'older');
  journal.add(changes.delete('c'));
  expect([journal.size, journal.clears('c', version), journal.get('a')?.op]).toEqual([2, true, 'set']);
});

test('keys that only the journal knows are found by prefix', () => {
  const { journal, changes } = aJournal();
  journal.add(changes.set('user:1', 1));
  journal.add(changes.delete('user:2'));
  journal.add(changes.set('other', 1));
  expect(journal.keys('user:')).toEqual(['user:1']);
  expect(new Set(journal.keys(''))).toEqual(new Set(['user:1', 'other']));
});
