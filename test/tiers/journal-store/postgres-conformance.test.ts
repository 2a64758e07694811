import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JournalStore } from '../../../src/tiers/journal-store.ts';
import { postgresSessions } from '../../../src/tiers/postgres/session.ts';
import type { SqlSession } from '../../../src/tiers/postgres/sql.ts';
import { SqlJournalStore } from '../../../src/tiers/postgres/sql-journal-store.ts';
import { type PostgresServer, startPostgres } from '../../servers/postgres-server.ts';
import { conformsAsJournalStore } from './conformance.ts';

let server: PostgresServer;
const sessions = new Map<JournalStore, SqlSession>();

beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server?.stop());

function store(space: string): SqlJournalStore {
  const connect = postgresSessions(server.url, 5_000);
  const made = new SqlJournalStore('postgres', space, async () => {
    const session = await connect();
    sessions.set(made, session);
    return session;
  });
  return made;
}

/** Ends the session, and with it its locks, before it may clean up. */
async function crash(dead: JournalStore): Promise<void> {
  await sessions.get(dead)?.end();
}

describe('Postgres', () => {
  conformsAsJournalStore({ store, crash });

  test('an instance leaves alone what another has that lives, and who has another prefix', async () => {
    const space = `shared-${process.pid}-${Date.now()}:`;
    const first = store(space);
    await first.open();
    await first.commit([{ slot: 'a', body: 'of the first' }], []);
    const second = store(space);
    await second.open();
    expect(await second.adopt()).toBeUndefined();
    await second.commit([{ slot: 'a', body: 'of the second' }], []);
    await second.commit([], ['a']);
    await crash(first);
    const stranger = store('another prefix:');
    await stranger.open();
    expect(await stranger.adopt()).toBeUndefined();
    expect(await second.adopt()).toEqual([{ slot: 'a', body: 'of the first' }]);
    // Adopted once, and by one.
    const third = store(space);
    await third.open();
    expect([await second.adopt(), await third.adopt()]).toEqual([undefined, undefined]);
    // Who was taken for dead learns of it.
    expect(await first.open()).toEqual({ kept: false });
    for (const each of [first, second, third, stranger]) await each.close();
  });

  test('instances that start together make the tables once', async () => {
    const stores = Array.from({ length: 4 }, () => store('together:'));
    const opened = await Promise.all(stores.map((each) => each.open()));
    expect(opened).toEqual(stores.map(() => ({ kept: false })));
    await Promise.all(stores.map((each) => each.close()));
  });
});
