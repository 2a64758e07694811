import { expect, test } from 'vitest';
import { systemClock } from '../../src/runtime/clock.ts';
import { postgresSessions } from '../../src/tiers/postgres/session.ts';
import { SqlTier } from '../../src/tiers/postgres/sql-tier.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { Changes } from '../tiers/changes.ts';
import { sqlTierOptions } from '../tiers/sql-tier-under-test.ts';
import { valuesOf } from '../tiers/tier-under-test.ts';
import { SuitePostgres } from './suite.ts';

const postgres = new SuitePostgres();
const KEYS = ['a', 'b', 'c', 'd', 'e'];

/** One of several instances with the same values. */
async function instance(): Promise<{ tier: SqlTier; changes: Changes }> {
  const time = new HybridClock(systemClock);
  const connect = postgresSessions(postgres.server.url, 10_000);
  const tier = new SqlTier(connect, sqlTierOptions(time, { space: postgres.prefix }));
  await tier.connect();
  return { tier, changes: new Changes(time) };
}

test('instances that change the same keys at once lose nothing, and none waits for another', async () => {
  const all = await Promise.all([instance(), instance(), instance()]);
  await Promise.all(
    all.map(async ({ tier, changes }, of) => {
      for (let turn = 0; turn < 20; turn++) {
        // Each in an order of its own.
        const keys = KEYS.map((_, at) => KEYS[(at + of + turn) % KEYS.length] ?? '');
        await tier.write(keys.map((key) => changes.increment(key, 1)));
      }
    }),
  );
  const [first] = all;
  expect(first && (await valuesOf(first.tier, KEYS))).toEqual(KEYS.map(() => 60));
  for (const { tier } of all) tier.disconnect();
});

test('of late changes the newest stays, whoever brings it and when', async () => {
  const [one, other] = await Promise.all([instance(), instance()]);
  const versions = Array.from({ length: 30 }, (_, at) => one.changes.set('a', at));
  const newest = versions.at(-1);
  await Promise.all([
    ...versions.filter((_, at) => at % 2 === 0).map((write) => one.tier.replay([write])),
    ...versions.filter((_, at) => at % 2 === 1).map((write) => other.tier.replay([write])),
  ]);
  expect(await one.tier.read(['a'])).toEqual([newest?.stored]);
  one.tier.disconnect();
  other.tier.disconnect();
});
