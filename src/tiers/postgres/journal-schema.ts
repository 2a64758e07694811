import type { SqlSession } from './sql.ts';

/** Raised whenever the tables change; a migration from each earlier one then stands below. */
const VERSION = '1';

/** Any number that nobody else uses: two instances that start together must not both make the tables. */
const MIGRATION_LOCK = '7305012846590917491';

const TABLES = `
  select pg_advisory_xact_lock(${MIGRATION_LOCK});
  create table if not exists understudy_schema (name text primary key, version text not null);
  create table if not exists understudy_journal_seat (
    seat text primary key,
    space text not null,
    taken timestamptz not null default now()
  );
  create table if not exists understudy_journal (
    seat text not null,
    slot text collate "C" not null,
    body text not null,
    primary key (seat, slot)
  );
  insert into understudy_schema values ('journal', '${VERSION}') on conflict do nothing;
`;

/** Makes the tables where they are missing. Where they are there, the role needs no right to make any. */
export async function prepareJournalSchema(session: SqlSession): Promise<void> {
  const [found] = await session.query(
    `select to_regclass('understudy_schema') is not null and to_regclass('understudy_journal_seat') is not null
      and to_regclass('understudy_journal') is not null as there`,
    [],
  );
  if (found?.there !== true) await session.run(TABLES);
  const [row] = await session.query("select version from understudy_schema where name = 'journal'", []);
  if (row?.version !== VERSION) {
    throw new Error(`the tables of the journal are of version ${String(row?.version)}, expected ${VERSION}`);
  }
}
