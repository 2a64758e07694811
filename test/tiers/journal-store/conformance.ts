import { afterEach, expect, test } from 'vitest';
import type { JournalRow, JournalStore } from '../../../src/tiers/journal-store.ts';

/** How a suite gets at the stores of one implementation. */
export interface StoresUnderTest {
  /** A store of the same data as all others of this `space`, not open yet. */
  store(space: string): JournalStore;
  /** Ends what holds it as a crash would, without any farewell of the store's. */
  crash(store: JournalStore): Promise<void>;
}

let lastSpace = 0;

/** What every store of the journal must do. */
export function conformsAsJournalStore(stores: StoresUnderTest): void {
  const open = new Set<JournalStore>();
  let space = '';
  afterEach(async () => {
    for (const store of open) await store.close().catch(() => {});
    open.clear();
  });
  async function opened(): Promise<JournalStore> {
    const store = stores.store(space);
    open.add(store);
    await store.open();
    return store;
  }
  const begin = (): Promise<JournalStore> => {
    space = `test-${process.pid}-${Date.now()}-${++lastSpace}:`;
    return opened();
  };
  const crash = async (store: JournalStore): Promise<void> => {
    open.delete(store);
    await stores.crash(store);
  };
  const left = async (store: JournalStore): Promise<JournalRow[]> => {
    const rows: JournalRow[] = [];
    for (let found = await store.adopt(); found !== undefined; found = await store.adopt())
      rows.push(...found);
    return rows.sort((a, b) => (a.slot < b.slot ? -1 : 1));
  };
  const row = (slot: string, body = `body of ${slot}`): JournalRow => ({ slot, body });

  test('what was committed outlives a crash, and is adopted by who comes next', async () => {
    const first = await begin();
    await first.commit([row('a'), row('b')], []);
    await first.commit([row('b', 'later'), row('c')], ['a']);
    await crash(first);
    expect(await left(await opened())).toEqual([row('b', 'later'), row('c')]);
  });

  test('nothing is left of an empty journal', async () => {
    const first = await begin();
    expect(await first.adopt()).toBeUndefined();
    await first.commit([row('a')], []);
    await first.commit([], ['a', 'never there']);
    await crash(first);
    expect(await left(await opened())).toEqual([]);
  });

  test('texts come back as they were', async () => {
    const first = await begin();
    const texts = ['"{}\\', "it's", 'a\0b\\0', '\n\t', 'null', '{a,"b"}', '', 'ß€𝄞', '%s $1', '\\'.repeat(9)];
    const rows = texts
      .map((text, at) => row(`${at}${text}`, text))
      .sort((a, b) => (a.slot < b.slot ? -1 : 1));
    const storable = rows.map(({ slot, body }) => row(slot, JSON.stringify(body)));
    await first.commit(storable, []);
    await crash(first);
    const second = await opened();
    expect(await left(second)).toEqual(storable);
    await second.commit(
      [],
      storable.map(({ slot }) => slot),
    );
    await crash(second);
    expect(await left(await opened())).toEqual([]);
  });

  test('the longest key and a large body are taken', async () => {
    const first = await begin();
    const rows = [
      row(`k${'\0'.repeat(1_024)}`, '{}'),
      row(`k${'\u{ffff}'.repeat(341)}`, 'x'.repeat(2_000_000)),
    ];
    await first.commit(rows, []);
    await crash(first);
    const found = await left(await opened());
    expect(new Set(found.map(({ slot }) => slot))).toEqual(new Set(rows.map(({ slot }) => slot)));
    expect(Math.max(...found.map(({ body }) => body.length))).toBe(2_000_000);
  });

  test('what was adopted is its own: it can be replaced and removed, and is adopted again after another crash', async () => {
    const first = await begin();
    await first.commit([row('a'), row('b'), row('c')], []);
    await crash(first);
    const second = await opened();
    expect(await left(second)).toHaveLength(3);
    await second.commit([row('b', 'later'), row('d')], ['a']);
    await crash(second);
    const third = await opened();
    expect(await left(third)).toEqual([row('b', 'later'), row('c'), row('d')]);
    expect(await third.adopt()).toBeUndefined();
  });

  test('a farewell leaves the rows, and gives them up', async () => {
    const first = await begin();
    await first.commit([row('a')], []);
    await first.close();
    open.delete(first);
    expect(await left(await opened())).toEqual([row('a')]);
  });

  test('opened again, it still has what it committed', async () => {
    const first = await begin();
    await first.commit([row('a')], []);
    expect(await first.open()).toEqual({ kept: true });
    expect(await first.adopt()).toBeUndefined();
    await first.commit([row('b')], ['a']);
    await crash(first);
    expect(await left(await opened())).toEqual([row('b')]);
  });

  test('a commit is all or nothing', async () => {
    const first = await begin();
    await first.commit([row('a')], []);
    // The same slot twice is the one thing that a store may refuse.
    await expect(first.commit([row('b'), row('b', 'again')], ['a'])).rejects.toThrow();
    await crash(first);
    expect(await left(await opened())).toEqual([row('a')]);
  });

  test('before it is open it says so', async () => {
    const closed = stores.store('never opened:');
    await expect(closed.commit([row('a')], [])).rejects.toThrow(/not open/);
  });
}
