import { afterEach, beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { postgresSessions } from '../../src/tiers/postgres/session.ts';
import { SqlTier } from '../../src/tiers/postgres/sql-tier.ts';
import type { Mark } from '../../src/tiers/tier.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { marksIn, NEVER, tagMarker } from '../../src/wire/marker.ts';
import { Changes } from '../tiers/changes.ts';
import { sqlTierOptions } from '../tiers/sql-tier-under-test.ts';
import { allKeys } from '../tiers/tier-under-test.ts';
import { SuitePostgres } from './suite.ts';

const postgres = new SuitePostgres();
const KEY = tagMarker('t');
const DAY = 86_400_000;

let clock: VirtualClock;
let time: HybridClock;
let tier: SqlTier;

beforeEach(async () => {
  clock = new VirtualClock();
  time = new HybridClock(clock);
  const options = sqlTierOptions(time, { space: postgres.prefix, ttl: DAY });
  tier = new SqlTier(postgresSessions(postgres.server.url, 10_000), options);
  await tier.connect();
});
afterEach(() => tier.disconnect());

const mark = (marks: Partial<Mark>): Mark => {
  const version = time.next();
  return {
    op: 'mark',
    key: KEY,
    version,
    ttl: 30 * DAY,
    since: NEVER,
    invalidated: NEVER,
    expired: NEVER,
    ...marks,
  };
};
const marks = async () => marksIn(String((await tier.read([KEY]))[0]));

test('marks are joined in whatever order they come, and where there were none nobody knows what they said', async () => {
  const [since, first, second] = [time.next(), time.next(), time.next()];
  await tier.replay([mark({ since })]);
  expect(await marks()).toEqual({ since, invalidated: NEVER, expired: NEVER });
  await tier.replay([mark({ invalidated: second, since: second })]);
  await tier.replay([mark({ invalidated: first, expired: first, since: first })]);
  expect(await marks()).toEqual({ since, invalidated: second, expired: first });
});

test('a clear of everything, and the time to live of values, are not about markers; and a scan does not list them', async () => {
  const changes = new Changes(time);
  await tier.replay([mark({ since: time.next() }), changes.set('a', 1)]);
  await tier.clear('', time.next());
  await tier.replay([changes.set('b', 1)]);
  await tier.prune(100);
  expect(await allKeys(tier, '')).toEqual(['b']);
  await clock.advance(29 * DAY);
  await tier.prune(100);
  expect(await marks()).toBeDefined();
  await clock.advance(DAY);
  expect(await tier.read([KEY])).toEqual([null]);
});
