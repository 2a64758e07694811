import { expect, test } from 'vitest';
import { Journal } from '../../actors/cache/journal.ts';
import { JournalMirror } from '../../actors/cache/journal-mirror.ts';
import { rowOfClearing, rowOfWrite } from '../../actors/cache/journal-rows.ts';
import { EventBus, type SystemEvent } from '../../src/runtime/events.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { MemoryTier } from '../../src/tiers/memory.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { Changes } from '../tiers/changes.ts';
import { ScriptedJournalStore } from './scripted-journal-store.ts';

function parts(maxEntries = 1_000) {
  const clock = new VirtualClock();
  const time = new HybridClock(clock);
  const journal = new Journal({ maxEntries, maxBytes: 1e7 }, time);
  const store = new ScriptedJournalStore();
  const told: SystemEvent[] = [];
  const events = new EventBus((error) => {
    throw error;
  });
  events.subscribe((event) => told.push(event));
  const memory = new MemoryTier({ maxEntries, maxBytes: 1e9, foreignTtl: 60_000, isolation: 'copy' }, time);
  const mirror = new JournalMirror({ journal, memory, store, clock, events, describe: String });
  const changes = new Changes(time);
  const kept = (key: string): Promise<boolean> => new Promise((resolve) => mirror.whenKept(key, resolve));
  const settled = () => expect.poll(() => mirror.behind).toBe(0);
  return { clock, time, journal, memory, store, told, mirror, changes, kept, settled };
}

async function started(maxEntries?: number) {
  const all = parts(maxEntries);
  await all.mirror.start(1_000);
  return all;
}

const slots = (store: ScriptedJournalStore): string[] => [...store.rows.keys()].sort();

test('changes of one turn are one commit, and those that come meanwhile the next', async () => {
  const { journal, store, changes, kept } = await started();
  const gate = Promise.withResolvers<void>();
  store.gate = gate.promise;
  for (let at = 0; at < 50; at++) journal.add(changes.set(`a${at}`, at));
  const first = kept('a0');
  await expect.poll(() => store.commits.length).toBe(1);
  for (let at = 0; at < 50; at++) journal.add(changes.set(`b${at}`, at));
  const second = kept('b49');
  gate.resolve();
  expect(await Promise.all([first, second])).toEqual([true, true]);
  expect(store.commits.map(({ puts }) => puts.length)).toEqual([50, 50]);
});

test('what changes while its commit is under way is committed again before it is told', async () => {
  const { journal, store, changes, kept } = await started();
  const gate = Promise.withResolvers<void>();
  store.gate = gate.promise;
  journal.add(changes.set('a', 1));
  await expect.poll(() => store.commits.length).toBe(1);
  journal.add(changes.set('a', 2));
  const later = kept('a');
  gate.resolve();
  expect(await later).toBe(true);
  expect(store.rows.get('ka')).toContain('"value\\":2');
});

test('a large journal goes in several commits, bounded by count and by size', async () => {
  const { journal, store, changes, settled } = await started(10_000);
  for (let at = 0; at < 2_000; at++) journal.add(changes.set(`a${at}`, at));
  await settled();
  journal.add(changes.set('b', 'x'.repeat(900_000)));
  journal.add(changes.set('c', 'x'.repeat(900_000)));
  journal.add(changes.set('d', 'x'.repeat(900_000)));
  await settled();
  expect(store.commits.map(({ puts }) => puts.length)).toEqual([512, 512, 512, 464, 2, 1]);
  expect(store.rows.size).toBe(2_003);
});

test('what Redis confirmed is removed; an entry that came and went meanwhile costs nothing', async () => {
  const { journal, store, changes, settled } = await started();
  const write = changes.set('a', 1);
  journal.add(write);
  await settled();
  journal.confirm(write);
  const brief = changes.set('b', 1);
  journal.add(brief);
  journal.confirm(brief);
  await settled();
  expect(slots(store)).toEqual([]);
  expect(store.commits).toEqual([
    { puts: ['ka'], removes: [] },
    { puts: [], removes: ['ka'] },
  ]);
});

test('what gave way to a change that is on its way to Redis stays until Redis has taken that', async () => {
  const { journal, store, changes, settled } = await started();
  journal.add(changes.set('a', 1));
  await settled();
  const newer = changes.set('a', 2);
  journal.take('a');
  journal.add(changes.set('b', 1));
  await settled();
  expect(slots(store)).toEqual(['ka', 'kb']);
  journal.outdate('a', newer.version);
  await settled();
  expect(slots(store)).toEqual(['kb']);
});

test('what gives way before it was committed is committed all the same', async () => {
  const { journal, store, changes, kept } = await started();
  journal.add(changes.set('a', 1));
  const told = kept('a');
  journal.take('a');
  expect(await told).toBe(true);
  expect(slots(store)).toEqual(['ka']);
});

test('an invalidation goes in the commit that removes what gave way to it', async () => {
  const { journal, store, changes, mirror, settled } = await started();
  for (const key of ['user:1', 'user:2', 'other']) journal.add(changes.set(key, 1));
  await settled();
  journal.addClearing({ prefix: 'user:', version: changes.delete('any').version });
  const told = new Promise((resolve) => mirror.whenCleared(resolve));
  expect(await told).toBe(true);
  expect(store.commits.at(-1)).toEqual({ puts: ['puser:'], removes: ['kuser:1', 'kuser:2'] });
  const clearing = journal.clearing();
  if (clearing) journal.confirmClearing(clearing);
  await settled();
  expect(slots(store)).toEqual(['kother']);
});

test('a deletion that found no room is durable once the invalidation is, which it has become', async () => {
  const { journal, store, changes, kept } = await started(2);
  journal.add(changes.set('a', 1));
  journal.add(changes.delete('b'));
  journal.add(changes.delete('c'));
  expect(await kept('c')).toBe(true);
  expect(slots(store)).toEqual(['ka', 'p']);
});

test.each(['before', 'after'] as const)(
  'a commit that fails %s it was made is told, and made good',
  async (failing) => {
    const { journal, store, changes, kept, clock, mirror, told } = await started();
    store.kept = true;
    store.failing = failing;
    const write = changes.set('a', 1);
    journal.add(write);
    expect(await kept('a')).toBe(false);
    expect([mirror.up, mirror.reason]).toEqual([false, expect.stringContaining('Error')]);
    // Nobody waits for a store that is out.
    journal.add(changes.set('b', 1));
    expect(await kept('b')).toBe(false);
    // Whether the store has it nobody knows: confirmed by Redis meanwhile, it must go.
    journal.confirm(write);
    store.failing = undefined;
    await clock.advance(100);
    await expect.poll(() => mirror.behind).toBe(0);
    expect([mirror.up, slots(store)]).toEqual([true, ['kb']]);
    expect(told.map((event) => event.type === 'journal.store' && event.up)).toEqual([true, false, true]);
  },
);

test('rows of the dead are taken in by version, whichever instance left them', async () => {
  const all = parts();
  const { journal, store, changes, mirror, time } = all;
  const gone = changes.set('user:1', 'older than the clearing');
  const clearing = { prefix: 'user:', version: changes.delete('any').version };
  const set = changes.set('n', 1);
  const increment = changes.increment('n', 2);
  const erased = changes.set('x', 1);
  const deletion = changes.delete('x');
  store.orphans = [
    [rowOfWrite(increment), rowOfWrite(deletion), rowOfWrite(gone)],
    [rowOfWrite(set), rowOfWrite(erased), rowOfClearing(clearing), { slot: 'kbad', body: 'no JSON' }],
  ];
  await mirror.start(1_000);
  expect(journal.get('n')).toMatchObject({ op: 'set', stored: expect.stringContaining('"value":3') });
  expect(journal.get('x')).toEqual(deletion);
  expect(journal.get('user:1')).toBeUndefined();
  expect(journal.clearing()).toEqual(clearing);
  expect(time.next() > deletion.version).toBe(true);
  await all.settled();
  // What was joined is one row now; what cannot be read is left to who can.
  expect(slots(store)).toEqual(['kbad', 'kn', 'kx', 'puser:']);
});

test('what is older than what is here already changes nothing', async () => {
  const { journal, store, changes, clock } = await started();
  const older = [changes.set('a', 'old'), changes.set('b', 'old'), changes.set('c', 'old')];
  const late = { prefix: '', version: changes.delete('any').version };
  const newer = changes.set('a', 'new');
  journal.add(newer);
  journal.addClearing({ prefix: 'b', version: changes.delete('any').version });
  store.orphans = [[...older.map(rowOfWrite), rowOfClearing(late)]];
  await clock.advance(1_000);
  await expect.poll(() => journal.clearings.length).toBe(2);
  expect(journal.get('a')).toEqual(newer);
  expect([journal.get('b'), journal.get('c')]).toEqual([undefined, undefined]);
});

test('no more is adopted than there is room for, one dead instance after the other', async () => {
  const all = parts(3);
  const { journal, store, changes, mirror, clock } = all;
  const left = ['a', 'b', 'c', 'd'].map((key) => changes.set(key, 1));
  store.orphans = [
    left.slice(0, 2).map(rowOfWrite),
    left.slice(2).map(rowOfWrite),
    [rowOfWrite(changes.set('e', 1))],
  ];
  await mirror.start(1_000);
  expect([journal.size, store.orphans.length]).toEqual([4, 1]);
  for (const write of journal.next(10)) journal.confirm(write);
  await clock.advance(1_000);
  await expect.poll(() => journal.get('e')).toBeDefined();
});

test('taken for dead, it commits all again, and adds nothing that its heir will add', async () => {
  const { journal, store, changes, kept, clock, mirror } = await started();
  journal.add(changes.set('a', 1));
  journal.add(changes.increment('n', 2));
  journal.add(changes.increment('m', 5));
  expect(await kept('n')).toBe(true);
  store.failing = 'before';
  journal.add(changes.increment('n', 3));
  expect(await kept('n')).toBe(false);
  store.failing = undefined;
  store.kept = false;
  store.rows.clear();
  await clock.advance(100);
  await expect.poll(() => [mirror.up, mirror.behind]).toEqual([true, 0]);
  expect(journal.get('m')).toBeUndefined();
  expect(slots(store)).toEqual(['ka', 'kn']);
});

test('a store that does not open in time is done without, and told of', async () => {
  const { mirror, clock, store, kept, journal, changes } = parts();
  const opening = Promise.withResolvers<{ kept: boolean }>();
  store.open = () => opening.promise;
  const waiting = mirror.start(1_000);
  await clock.advance(1_000);
  await waiting;
  journal.add(changes.set('a', 1));
  expect([mirror.up, mirror.reason, await kept('a')]).toEqual([
    false,
    expect.stringContaining('1000 ms'),
    false,
  ]);
  opening.resolve({ kept: false });
  await expect.poll(() => slots(store)).toEqual(['ka']);
});

test('a count of what another process had set to a text leads to nothing', async () => {
  const { journal, store, changes, mirror } = parts();
  const text = changes.set('n', 'a text');
  const increment = changes.increment('n', 1);
  store.orphans = [[rowOfWrite(text)], [rowOfWrite(increment)]];
  await mirror.start(1_000);
  expect([mirror.up, journal.get('n')]).toEqual([true, text]);
});

test('what waited beside deletions that found no room is not lost with the process', async () => {
  const first = await started(3);
  for (const key of ['a', 'b', 'c']) first.journal.add(first.changes.set(key, 1));
  first.journal.add(first.changes.delete('d'));
  expect(await first.kept('d')).toBe(true);
  const rows = [...first.store.rows].map(([slot, body]) => ({ slot, body }));
  const second = parts(3);
  second.store.orphans = [rows];
  await second.mirror.start(1_000);
  expect(['a', 'b', 'c'].map((key) => second.journal.get(key)?.op)).toEqual(['set', 'set', 'set']);
  expect(second.journal.clearing()).toMatchObject({ prefix: '', collapsed: true });
});

test('what the dead left is known to memory, unless it knows something newer', async () => {
  const { time, store, changes, memory, mirror } = parts();
  const [older, taken] = [changes.set('a', 'older'), changes.set('b', 'taken')];
  store.orphans = [[rowOfWrite(older), rowOfWrite(taken)]];
  memory.apply(changes.delete('a'));
  await mirror.start(1_000);
  expect([memory.stored('a', time.now()), memory.stored('b', time.now())]).toEqual([undefined, taken.stored]);
});

test('deletions of the dead are replayed before all else', async () => {
  const { journal, store, changes, mirror } = parts();
  const deletion = changes.delete('b');
  store.orphans = [[rowOfWrite(changes.set('a', 1)), rowOfWrite(deletion)]];
  await mirror.start(1_000);
  expect(journal.next(10)).toEqual([deletion]);
});
