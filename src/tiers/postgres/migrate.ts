import type { SqlSession } from './sql.ts';

/** Tables that change together. */
export interface SchemaPart {
  /** Under which their version is kept. */
  readonly name: string;
  /** Statements that lead from each version to the next, the first of them from nothing. What has been released stays. */
  readonly migrations: readonly string[];
}

/** Any number that nobody else uses: two instances that start together must not both change the tables. */
const MIGRATION_LOCK = '7305012846590917491';

/**
 * Brings tables to the version of this program. Where they are, the role needs no right to make any. Throws where they
 * are of a later version.
 */
export async function migrate(session: SqlSession, part: SchemaPart): Promise<void> {
  const wanted = part.migrations.length;
  let version = await versionOf(session, part.name);
  for (; version < wanted; version++) await session.run(step(part, version));
  if (version > wanted) {
    throw new Error(`the tables of the ${part.name} are of version ${version}, expected ${wanted}`);
  }
}

async function versionOf(session: SqlSession, name: string): Promise<number> {
  const [known] = await session.query(
    "select to_regclass('understudy.schema_version') is not null as there",
    [],
  );
  if (known?.there !== true) return 0;
  const [row] = await session.query('select version from understudy.schema_version where name = $1', [name]);
  return row === undefined ? 0 : Number(row.version);
}

/** One transaction, in which whoever comes second finds that it has been done. */
function step({ name, migrations }: SchemaPart, from: number): string {
  return `do $migration$ begin
    perform pg_advisory_xact_lock(${MIGRATION_LOCK});
    create schema if not exists understudy;
    create table if not exists understudy.schema_version (name text primary key, version text not null);
    if coalesce((select version from understudy.schema_version where name = '${name}'), '0') = '${from}' then
      ${migrations[from]}
      insert into understudy.schema_version values ('${name}', '${from + 1}')
        on conflict (name) do update set version = excluded.version;
    end if;
  end $migration$`;
}
