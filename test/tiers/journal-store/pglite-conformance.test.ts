import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import type { JournalStore } from '../../../src/tiers/journal-store.ts';
import { pgliteSessions } from '../../../src/tiers/pglite/session.ts';
import type { SqlSession } from '../../../src/tiers/postgres/sql.ts';
import { SqlJournalStore } from '../../../src/tiers/postgres/sql-journal-store.ts';
import { conformsAsJournalStore } from './conformance.ts';

let directory = '';
let database: SqlSession;
const sessions = new Map<JournalStore, SqlSession>();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'understudy-pglite-'));
  database = await pgliteSessions(directory)();
}, 120_000);
afterAll(async () => {
  await database?.end();
  await rm(directory, { recursive: true, force: true });
});

/**
 * Opening the database takes seconds, so the stores of this suite use one that stays open, and a session ends by losing its
 * locks. That a directory survives its process is for the tests that kill one.
 */
function session(): SqlSession {
  return {
    run: (script) => database.run(script),
    query: (text, parameters) => database.query(text, parameters),
    end: async () => {
      await database.query('select pg_advisory_unlock_all()', []);
    },
  };
}

describe('PGlite', () => {
  conformsAsJournalStore({
    store: (space) => {
      const made: JournalStore = new SqlJournalStore('pglite', space, async () => {
        const begun = session();
        sessions.set(made, begun);
        return begun;
      });
      return made;
    },
    // Without the farewell of the store: its seat stays.
    crash: async (dead) => sessions.get(dead)?.end(),
  });
});
