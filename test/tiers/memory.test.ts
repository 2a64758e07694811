import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { MemoryTier, type MemoryTierOptions } from '../../src/tiers/memory.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { UNREADABLE } from '../../src/wire/stored.ts';
import { Changes } from './changes.ts';

function memory(options: Partial<MemoryTierOptions> = {}) {
  const clock = new VirtualClock();
  const time = new HybridClock(clock);
  const defaults = { maxEntries: 100, maxBytes: 1e6, isolation: 'copy', foreignTtl: 60_000 } as const;
  const tier = new MemoryTier({ ...defaults, ...options }, time);
  const changes = new Changes(time);
  return {
    tier,
    clock,
    set: (key: string, value: unknown, ttl?: number) => tier.apply(changes.set(key, value, ttl)),
    find: (key: string) => tier.find(key, time.now()),
    foreign: (key: string, text: string) => tier.keep(key, text, time.now()),
    changes,
    time,
  };
}

test('the entry that was not used for longest goes first, and evictions are counted', () => {
  const { tier, set, find } = memory({ maxEntries: 3 });
  for (const key of ['a', 'b', 'c']) set(key, key);
  find('a');
  set('d', 'd');
  expect(tier.size).toBe(3);
  expect(['a', 'b', 'c', 'd'].filter((key) => find(key) !== UNREADABLE)).toEqual(['a', 'c', 'd']);
  expect(tier.evictions).toBe(1);
});

test('replacing, deleting and expiring are no evictions', async () => {
  const { tier, clock, set, find, changes } = memory({ maxEntries: 3 });
  set('a', 1);
  set('a', 2);
  set('b', 1, 10);
  tier.apply(changes.delete('a'));
  await clock.advance(10);
  expect(find('b')).toBe(UNREADABLE);
  tier.clear('');
  expect(tier.evictions).toBe(0);
});

test('it never holds more bytes than it may, however large the values', () => {
  const { tier, set, find } = memory({ maxEntries: 1_000, maxBytes: 20_000 });
  for (let count = 0; count < 200; count++) {
    set(`key ${count}`, 'x'.repeat((count * 37) % 4_000));
    expect(tier.bytes).toBeLessThanOrEqual(20_000);
  }
  expect(tier.evictions).toBeGreaterThan(0);
  expect(find('key 199')).not.toBe(UNREADABLE);
});

test('a value larger than all it may hold is not kept, and what it replaces is gone', () => {
  const { tier, set, find } = memory({ maxBytes: 2_000 });
  set('a', 'small');
  set('a', 'x'.repeat(5_000));
  expect(find('a')).toBe(UNREADABLE);
  expect(tier.bytes).toBeLessThanOrEqual(2_000);
});

test('bytes go back to nothing with the entries', () => {
  const { tier, set, changes } = memory();
  set('a', 'x'.repeat(100));
  set('b', 1);
  expect(tier.bytes).toBeGreaterThan(200);
  tier.apply(changes.delete('a'));
  expect(tier.clear('')).toBe(1);
  expect([tier.size, tier.bytes]).toEqual([0, 0]);
});

test('a value is answered until its time is over and not a millisecond longer', async () => {
  const { clock, set, find } = memory();
  set('a', 1, 1_000);
  await clock.advance(999);
  expect(find('a')).toBe(1);
  await clock.advance(1);
  expect(find('a')).toBe(UNREADABLE);
});

test('a jump of the wall clock neither kills nor revives a value', async () => {
  const { clock, set, find } = memory();
  set('a', 1, 1_000);
  clock.jump(86_400_000);
  expect(find('a')).toBe(1);
  clock.jump(-10 * 86_400_000);
  await clock.advance(1_000);
  expect(find('a')).toBe(UNREADABLE);
});

test('copy: each hit has a value of its own', () => {
  const { set, find } = memory({ isolation: 'copy' });
  set('a', { list: [1] });
  const first = find('a') as { list: number[] };
  first.list.push(2);
  expect(find('a')).toEqual({ list: [1] });
});

test('shared: all hits have the same value, which is not the one that was set', () => {
  const { set, find } = memory({ isolation: 'shared' });
  const given = { list: [1] };
  set('a', given);
  given.list.push(2);
  expect(find('a')).toEqual({ list: [1] });
  expect(find('a')).toBe(find('a'));
});

test.each(['copy', 'shared'] as const)('%s: falsy values are found', (isolation) => {
  const { set, find } = memory({ isolation });
  for (const value of [null, 0, '', false]) {
    set('a', value);
    expect(find('a')).toBe(value);
    expect(find('a')).toBe(value);
  }
});

test('what somebody else wrote may be answered for its own time, and garbage never', async () => {
  const { clock, find, foreign } = memory({ foreignTtl: 5_000 });
  foreign('a', '{"plain":1}');
  foreign('b', 'no json');
  foreign('c', '{"understudy":1,"version":"but then","value":1}');
  expect([find('a'), find('b')]).toEqual([{ plain: 1 }, UNREADABLE]);
  await clock.advance(5_000);
  expect([find('a'), find('b'), find('c')]).toEqual([UNREADABLE, UNREADABLE, UNREADABLE]);
});

test('what is past its time when a slower tier answers it is not answered again', async () => {
  const { tier, clock, changes, time, find } = memory();
  const { key, stored } = changes.set('a', 1, 10);
  await clock.advance(10);
  tier.keep(key, stored, time.now());
  expect(find('a')).toBe(UNREADABLE);
});

test('clear forgets the keys of a prefix, literally, and tells how many', () => {
  const { tier, set, find } = memory();
  for (const key of ['user:1', 'user:2', 'user', 'u*', 'other']) set(key, 1);
  expect(tier.clear('user:')).toBe(2);
  expect(tier.clear('u*')).toBe(1);
  expect(find('user')).toBe(1);
  expect(tier.clear('')).toBe(2);
  expect(tier.size).toBe(0);
});

test('the memory of deletions is bounded too', () => {
  const { tier, changes } = memory({ maxEntries: 10 });
  const late = changes.set('key 99', 'late');
  for (let count = 0; count < 100; count++) tier.apply(changes.delete(`key ${count}`));
  expect(tier.applyLate(late)).toEqual({ status: 'superseded' });
  expect(tier.size).toBe(0);
});

test('a version of a clock that is far ahead does not keep later ones from being taken note of', () => {
  const { tier, time, changes } = memory();
  const set = changes.set('a', 1);
  const stamped = (ahead: number) => `${(time.now() + ahead).toString(16).padStart(12, '0')}-0000-ffffffff`;
  const read = (key: string, version: string) =>
    tier.refresh(key, set.stored.replace(set.version, version), time.now());
  read('far', stamped(86_400_000));
  const near = stamped(1_000);
  read('near', near);
  expect(time.next() > near).toBe(true);
});

test('what had to be forgotten is not brought back by something older, and is by what is newer', () => {
  const { tier, find } = memory();
  const changes = new Changes(new HybridClock(new VirtualClock()));
  const [older, known, newer] = [changes.set('a', 1), changes.set('a', 2), changes.set('a', 3)];
  tier.apply(known);
  tier.forget('a', tier.version('a'));
  expect(find('a')).toBe(UNREADABLE);
  expect(tier.applyLate(older)).toMatchObject({ status: 'superseded' });
  expect([find('a'), tier.version('a')]).toEqual([UNREADABLE, known.version]);
  expect(tier.applyLate(newer)).toMatchObject({ status: 'done' });
  expect([find('a'), tier.version('a')]).toEqual([3, newer.version]);
});
