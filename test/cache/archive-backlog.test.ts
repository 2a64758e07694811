import { beforeEach, expect, test, vi } from 'vitest';
import { ArchiveBacklog, type Pending } from '../../actors/cache/archive-backlog.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { NEVER } from '../../src/wire/marker.ts';
import { Changes } from '../tiers/changes.ts';

let time: HybridClock;
let changes: Changes;

beforeEach(() => {
  time = new HybridClock(new VirtualClock());
  changes = new Changes(time);
});

function backlog({ maxEntries = 100, maxBytes = 1e6 } = {}): ArchiveBacklog {
  return new ArchiveBacklog({ maxEntries, maxBytes }, time);
}

const deletion = (key: string): Pending => ({ op: 'delete', key, version: time.next() });
const operations = (waiting: ArchiveBacklog) => waiting.next(100).map(({ op, key }) => `${op} ${key}`);

test('the last change of a key counts, whatever comes late', () => {
  const waiting = backlog();
  const [older, newer] = [changes.set('a', 1), changes.set('a', 2)];
  waiting.add(newer);
  waiting.add(older);
  expect(waiting.next(10)).toEqual([newer]);
  const remove = deletion('a');
  waiting.add(remove);
  expect(waiting.get('a')).toBe(remove);
  expect(waiting.size).toBe(1);
});

test('deletions go first, then the rest in order, so many at a time', () => {
  const waiting = backlog();
  for (const key of ['a', 'b', 'c']) waiting.add(changes.set(key, 1));
  waiting.add(deletion('d'));
  waiting.add(changes.set('a', 2));
  expect(operations(waiting)).toEqual(['delete d', 'set b', 'set c', 'set a']);
  expect(waiting.next(2)).toHaveLength(2);
});

test('what was confirmed leaves, and what came meanwhile stays', () => {
  const waiting = backlog();
  const [sent, meanwhile] = [changes.set('a', 1), changes.set('a', 2)];
  waiting.add(sent);
  waiting.add(meanwhile);
  waiting.confirm(sent);
  expect(waiting.size).toBe(1);
  waiting.confirm(meanwhile);
  expect([waiting.size, waiting.bytes]).toEqual([0, 0]);
});

test('a clearing takes the place of what it covers, and whoever waited for that waits for the clearing', () => {
  const waiting = backlog();
  const told = vi.fn();
  waiting.add(deletion('user:1'));
  waiting.add(changes.set('other', 1));
  waiting.whenKept('user:1', told);
  const version = time.next();
  waiting.clear('user:', version);
  waiting.add(changes.set('user:2', 1));
  expect(operations(waiting)).toEqual(['set other', 'set user:2']);
  expect([waiting.clears('user:1', NEVER), waiting.clears('user:1', time.next())]).toEqual([true, false]);
  expect(told).not.toHaveBeenCalled();
  waiting.confirmClearing('user:', version);
  expect(told).toHaveBeenCalledExactlyOnceWith(true);
});

test('a narrower or earlier clearing gives way to a wider one', () => {
  const waiting = backlog();
  waiting.clear('user:1:', time.next());
  const version = time.next();
  waiting.clear('user:', version);
  expect(waiting.clearing()).toEqual({ prefix: 'user:', version });
  waiting.confirmClearing('user:', version);
  expect(waiting.clearing()).toBeUndefined();
});

test('a value whose text finds no room leaves word that what is there is older', () => {
  const waiting = backlog({ maxBytes: 2_000 });
  waiting.add(changes.set('small', 1));
  waiting.add(changes.set('large', 'x'.repeat(2_000)));
  expect(operations(waiting)).toEqual(['delete large', 'set small']);
  expect(waiting.dropped).toBe(1);
});

test('more keys than there is room for become one clearing of everything, which covers the last of them as well', () => {
  const waiting = backlog({ maxEntries: 3 });
  const told = vi.fn();
  waiting.add(deletion('a'));
  waiting.whenKept('a', told);
  for (const key of ['b', 'c']) waiting.add(changes.set(key, 1));
  const last = deletion('d');
  waiting.add(last);
  expect(waiting.next(10)).toEqual([]);
  expect(waiting.clears('d', last.version)).toBe(true);
  expect([waiting.size, waiting.bytes, waiting.collapsed]).toEqual([1, 0, 1]);
  const { prefix = '', version = '' } = waiting.clearing() ?? {};
  expect(prefix).toBe('');
  waiting.confirmClearing(prefix, version);
  expect(told).toHaveBeenCalledExactlyOnceWith(true);
});

test('marks of one marker are joined, and survive a clearing of everything', () => {
  const waiting = backlog({ maxEntries: 2 });
  const [first, second] = [time.next(), time.next()];
  const mark = { op: 'mark', key: '\ud800tag:t', ttl: 1_000, since: first } as const;
  waiting.add({ ...mark, version: second, invalidated: NEVER, expired: second });
  waiting.add({ ...mark, version: first, invalidated: first, expired: NEVER });
  expect(waiting.next(10)).toMatchObject([{ op: 'mark', invalidated: first, expired: second }]);
  waiting.clear('', time.next());
  expect(operations(waiting)).toEqual(['mark \ud800tag:t']);
});

test('who waits is told when the durable tier is out', () => {
  const waiting = backlog();
  const told = vi.fn();
  waiting.add(deletion('a'));
  waiting.whenKept('a', told);
  waiting.clear('b', time.next());
  waiting.whenCleared(told);
  waiting.giveUpWaiting();
  expect(told.mock.calls).toEqual([[false], [false]]);
  expect(waiting.size).toBe(2);
});

test('what was signed by a wrong clock is moved to where it belongs', () => {
  const waiting = backlog();
  waiting.add(changes.set('a', 1));
  const [before] = waiting.next(1);
  waiting.shift({ by: 3_600_000, instance: time.instance });
  const [after] = waiting.next(1);
  const milliseconds = (version = '') => Number.parseInt(version.slice(0, 12), 16);
  expect(milliseconds(after?.version) - milliseconds(before?.version)).toBe(3_600_000);
});
