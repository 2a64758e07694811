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
const sessions = new Map<JournalStore, SqlSession>();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'understudy-pglite-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('PGlite', { timeout: 60_000 }, () => {
  conformsAsJournalStore({
    store: (space) => {
      const connect = pgliteSessions(directory);
      const made: JournalStore = new SqlJournalStore('pglite', space, async () => {
        const session = await connect();
        sessions.set(made, session);
        return session;
      });
      return made;
    },
    // Without the farewell of the store: its seat stays.
    crash: async (dead) => sessions.get(dead)?.end(),
  });
});
