import { afterEach, beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { postgresSessions } from '../../src/tiers/postgres/session.ts';
import { SqlTier } from '../../src/tiers/postgres/sql-tier.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { understudies } from '../cache/systems.ts';
import { Changes } from '../tiers/changes.ts';
import { sqlTierOptions } from '../tiers/sql-tier-under-test.ts';
import { allKeys, valuesOf } from '../tiers/tier-under-test.ts';
import { PATIENT, SuitePostgres } from './suite.ts';

const postgres = new SuitePostgres();
const start = understudies();
const MINUTE = 60_000;

let clock: VirtualClock;
let changes: Changes;
let tier: SqlTier;

beforeEach(async () => {
  await postgres.server.query('drop schema if exists understudy cascade');
  clock = new VirtualClock();
  const time = new HybridClock(clock);
  changes = new Changes(time);
  const options = sqlTierOptions(time, { space: postgres.prefix, tombstoneTtl: 10 * MINUTE });
  tier = new SqlTier(postgresSessions(postgres.server.url, 10_000), options);
  await tier.connect();
});
afterEach(() => tier.disconnect());

const pruned = async (): Promise<number> => (await tier.prune(10)).rows;

async function count(table = 'value'): Promise<number> {
  const [row] = await postgres.server.query(`select count(*)::int as count from understudy.${table}`);
  return Number(row?.count);
}

test('rows that are over are deleted, a bounded number at a time, and others are left alone', async () => {
  const keys = Array.from({ length: 25 }, (_, at) => `short ${at}`);
  await tier.write([...keys.map((key) => changes.set(key, 1, MINUTE)), changes.set('long', 1)]);
  expect(await pruned()).toBe(0);
  await clock.advance(MINUTE);
  expect([await pruned(), await pruned(), await pruned()]).toEqual([10, 10, 5]);
  expect(await count()).toBe(1);
  expect(await valuesOf(tier, ['long'])).toEqual([1]);
});

test('a deletion is remembered for its time, and no longer', async () => {
  const late = changes.set('a', 'late');
  await tier.write([changes.delete('a')]);
  await clock.advance(9 * MINUTE);
  expect(await pruned()).toBe(0);
  expect(await tier.replay([late])).toEqual([{ status: 'superseded' }]);
  await clock.advance(MINUTE);
  expect(await pruned()).toBe(1);
  expect(await count()).toBe(0);
});

test('what was cleared is gone at once, and deleted bit by bit; the clearing is remembered until then, and for its time', async () => {
  const keys = Array.from({ length: 25 }, (_, at) => `user:${at}`);
  const late = changes.set('user:late', 1);
  await tier.write([...keys, 'other'].map((key) => changes.set(key, 1)));
  await tier.clear('user:', changes.time.next());
  await tier.write([changes.set('user:new', 1)]);
  expect(await valuesOf(tier, ['user:1', 'user:new', 'other'])).toEqual([undefined, 1, 1]);
  expect((await allKeys(tier, '')).sort()).toEqual(['other', 'user:new']);
  expect([await pruned(), await pruned(), await pruned()]).toEqual([10, 10, 5]);
  expect(await count()).toBe(2);
  await tier.prune(10);
  expect(await tier.replay([late])).toEqual([{ status: 'superseded' }]);
  await clock.advance(10 * MINUTE);
  await tier.prune(10);
  expect(await count('clearing')).toBe(0);
  expect(await valuesOf(tier, ['user:new', 'other'])).toEqual([1, 1]);
});

test('a clearing is remembered for as long as there is something that it hides', async () => {
  await tier.write([changes.set('user:1', 'old')]);
  const [row] = await postgres.server.query('select stored, version, expires::text from understudy.value');
  await tier.clear('user:', changes.time.next());
  for (let turn = 0; turn < 3; turn++) await tier.prune(10);
  // It slipped in at the last moment.
  await postgres.server.query(
    `insert into understudy.value values ('${postgres.prefix}', 'user:1', '${String(row?.stored)}',
     '${String(row?.version)}', ${String(row?.expires)}, '', ${String(row?.expires)}, 'x', '')`,
  );
  await clock.advance(10 * MINUTE);
  await tier.prune(10);
  expect(await valuesOf(tier, ['user:1'])).toEqual([undefined]);
  for (let turn = 0; turn < 4; turn++) await tier.prune(10);
  expect([await count(), await count('clearing')]).toEqual([0, 0]);
});

test('more clearings than may be remembered give way to one of everything', async () => {
  await tier.write([changes.set('old', 1)]);
  for (let at = 0; at <= 1_000; at++) await tier.clear(`prefix ${at}:`, changes.time.next());
  expect(await count('clearing')).toBe(1);
  expect(await valuesOf(tier, ['old'])).toEqual([undefined]);
  await tier.write([changes.set('new', 1)]);
  expect(await valuesOf(tier, ['new'])).toEqual([1]);
});

test('many small clearings are carried out one after the other, as long as there is more', async () => {
  for (let at = 0; at < 50; at++) {
    await tier.write([changes.set(`${at}:`, 1)]);
    await tier.clear(`${at}:`, changes.time.next());
  }
  let turns = 0;
  while ((await tier.prune(100)).more) turns++;
  expect([turns, await count()]).toEqual([2, 0]);
});

test('of two that prune at once one does', async () => {
  await tier.write([changes.set('a', 1, 1)]);
  await clock.advance(1);
  const lock = 'select pg_advisory_lock(7305012846590917492)';
  const session = await postgresSessions(postgres.server.url, 10_000)();
  await session.query(lock, []);
  expect(await pruned()).toBe(0);
  await session.end();
  await expect.poll(pruned, PATIENT).toBe(1);
});

test('a system prunes at the interval that is configured, and counts it', async () => {
  const values = { timeout: 10_000, prune: { every: 20, batch: 2 } };
  const understudy = await start(postgres.options({ durable: { url: postgres.server.url, values } }));
  for (let at = 0; at < 5; at++) await understudy.cache.set(`key ${at}`, 1, { ttl: 300 });
  await expect
    .poll(async () => (await understudy.ask({ type: 'cache.stats' })).archive?.pruned, PATIENT)
    .toBe(5);
  expect(await count()).toBe(0);
});
