import { systemClock } from '../../src/runtime/clock.ts';
import type { SqlConnect, SqlSession } from '../../src/tiers/postgres/sql.ts';
import { SqlTier, type SqlTierOptions } from '../../src/tiers/postgres/sql-tier.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import type { TierUnderTest } from './tier-under-test.ts';

const DAY = 86_400_000;

/** Options of a tier that keeps everything for a day. */
export function sqlTierOptions(time: HybridClock, options: Partial<SqlTierOptions> = {}): SqlTierOptions {
  return {
    space: 'test:',
    ttl: DAY,
    tombstoneTtl: DAY,
    now: () => time.now(),
    address: { host: 'localhost', port: undefined },
    ...options,
  };
}

/** The tier on sessions of a database that the suite has to itself. */
export async function sqlTierUnderTest(
  connect: SqlConnect,
  stop: () => Promise<unknown>,
): Promise<TierUnderTest & { readonly database: SqlSession; readonly tier: SqlTier }> {
  const time = new HybridClock(systemClock);
  const tier = new SqlTier(connect, sqlTierOptions(time));
  await tier.connect();
  const database = await connect();
  return {
    tier,
    time,
    database,
    timeLeft: async (key) => {
      const [row] = await database.query(
        "select (expires - $2::bigint)::text as left from understudy.value where key = $1 and stored <> ''",
        [key, String(time.now())],
      );
      return row === undefined ? undefined : Number(row.left);
    },
    foreign: async (key, text) => {
      await database.query(
        `insert into understudy.value values ('test:', $1, $2, '', $3::bigint, '', $3::bigint, 'foreign', '')
         on conflict (space, key) do update set stored = excluded.stored, version = '', revision = 'foreign'`,
        [key, text, String(time.now() + DAY)],
      );
    },
    elapse: async () => {},
    clear: () => database.run('truncate understudy.value, understudy.clearing'),
    stop: async () => {
      tier.disconnect();
      await database.end();
      await stop();
    },
  };
}
