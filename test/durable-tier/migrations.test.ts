import { expect, test } from 'vitest';
import { systemClock } from '../../src/runtime/clock.ts';
import { migrate, type SchemaPart } from '../../src/tiers/postgres/migrate.ts';
import { postgresSessions } from '../../src/tiers/postgres/session.ts';
import { SqlTier } from '../../src/tiers/postgres/sql-tier.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { sqlTierOptions } from '../tiers/sql-tier-under-test.ts';
import { SuitePostgres } from './suite.ts';

const postgres = new SuitePostgres();
const connect = (url = postgres.server.url) => postgresSessions(url, 10_000)();

const part = (...migrations: string[]): SchemaPart => ({ name: postgres.prefix, migrations });
const FIRST = 'create table understudy.step (n int); insert into understudy.step values (1);';
const SECOND = 'alter table understudy.step add column m int; insert into understudy.step values (2);';

function tier(url: string): SqlTier {
  return new SqlTier(postgresSessions(url, 10_000), sqlTierOptions(new HybridClock(systemClock)));
}

test('each step is taken once and in order, by whoever is first of many', async () => {
  const sessions = await Promise.all(Array.from({ length: 6 }, () => connect()));
  await Promise.all(sessions.map((session) => migrate(session, part(FIRST))));
  await Promise.all(sessions.map((session) => migrate(session, part(FIRST, SECOND))));
  expect(await postgres.server.query('select n from understudy.step order by n')).toEqual([
    { n: 1 },
    { n: 2 },
  ]);
  const [session] = sessions;
  if (session !== undefined) {
    await expect(migrate(session, part(FIRST))).rejects.toThrow('are of version 2, expected 1');
  }
  await Promise.all(sessions.map((each) => each.end()));
});

test('a step that fails leaves nothing behind', async () => {
  const session = await connect();
  const broken = part('create table understudy.half (n int); select 1 / 0;');
  await expect(migrate(session, broken)).rejects.toThrow();
  expect(await postgres.server.query("select to_regclass('understudy.half') is null as gone")).toEqual([
    { gone: true },
  ]);
  await session.end();
});

test('instances that start together make the tables once, and a role that may make none will do after that', async () => {
  await postgres.server.query('drop schema if exists understudy cascade');
  const together = Array.from({ length: 4 }, () => tier(postgres.server.url));
  await Promise.all(together.map((each) => each.connect()));
  for (const each of together) each.disconnect();
  await postgres.server.query(
    `create role humble login; grant usage on schema understudy to humble;
     grant select, insert, update, delete on all tables in schema understudy to humble`,
  );
  const url = new URL(postgres.server.url);
  url.username = 'humble';
  const humble = tier(url.href);
  await humble.connect();
  expect(await humble.write([{ op: 'delete', key: 'a', version: '1' }])).toEqual([
    { status: 'done', existed: false },
  ]);
  humble.disconnect();
});

test('a Postgres that takes no changes is none', async () => {
  const before = tier(postgres.server.url);
  await before.connect();
  before.disconnect();
  await postgres.server.query('alter system set default_transaction_read_only = on; ').catch(() => {});
  await postgres.server.query('select pg_reload_conf()');
  try {
    await expect
      .poll(() =>
        tier(postgres.server.url)
          .connect()
          .then(
            () => '',
            (error: Error) => error.message,
          ),
      )
      .toMatch(/read-only/);
  } finally {
    await postgres.server.query('alter system reset default_transaction_read_only').catch(() => {});
    await postgres.server.query('select pg_reload_conf()');
  }
});
