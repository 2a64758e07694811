import { expect, test } from 'vitest';
import type { Understudy } from '../../src/index.ts';
import { freshOf, versionOf } from '../../src/wire/stored.ts';
import { SuiteRedis, understudies } from '../cache/systems.ts';
import { archived, PATIENT, SuitePostgres } from './suite.ts';

const redis = new SuiteRedis();
const postgres = new SuitePostgres();
const start = understudies();

const withRedis = () => postgres.options(redis.options);
const stored = async (key: string): Promise<string> =>
  String(await redis.call('GET', `${postgres.prefix}${key}`));

test('what Redis has lost is read from the durable tier, promoted to Redis, and read from there after that', async () => {
  const understudy = await start(withRedis());
  await understudy.cache.set('a', { v: 1 });
  const before = await stored('a');
  await archived(understudy);
  await redis.call('FLUSHALL');
  expect(await understudy.cache.find('a')).toEqual({
    found: true,
    value: { v: 1 },
    tier: 'postgres',
    degraded: false,
    stale: false,
  });
  expect(await stored('a')).toBe(before);
  expect(await understudy.cache.find('a')).toMatchObject({ tier: 'redis', value: { v: 1 } });
  const { tiers, hits, misses } = await understudy.ask({ type: 'cache.stats' });
  expect(tiers.postgres).toEqual({ hits: 1, misses: 0 });
  expect([hits, misses]).toEqual([2, 0]);
});

test('what is promoted keeps its version, its grace and the lifetime that it has left', async () => {
  const first = await start(withRedis());
  const { version } = await first.cache.set('a', 1, { ttl: 60_000, grace: '1h' });
  const fresh = freshOf(await stored('a'));
  await archived(first);
  await redis.call('FLUSHALL');
  const second = await start(withRedis());
  expect(await second.cache.getMany(['a', 'none'])).toEqual(new Map([['a', 1]]));
  const promoted = await stored('a');
  expect([versionOf(promoted), freshOf(promoted)]).toEqual([version, fresh]);
  const left = Number(await redis.call('PTTL', `${postgres.prefix}a`));
  expect(left).toBeGreaterThan(3_600_000);
  expect(left).toBeLessThanOrEqual(3_660_000);
});

test('many keys are one statement, and whoever asks for the same key shares it', async () => {
  const understudy = await start(withRedis());
  const keys = Array.from({ length: 50 }, (_, at) => `key ${at}`);
  await understudy.cache.setMany(keys.map((key) => [key, key]));
  await archived(understudy);
  await redis.call('FLUSHALL');
  const before = await selects(understudy);
  const answers = await Promise.all([
    understudy.cache.getMany(keys),
    understudy.cache.getMany(keys),
    ...keys.map((key) => understudy.cache.get(key)),
  ]);
  expect(answers).toEqual([
    new Map(keys.map((key) => [key, key])),
    new Map(keys.map((key) => [key, key])),
    ...keys,
  ]);
  expect((await selects(understudy)) - before).toBe(1);
});

test('a lease is granted only when the durable tier has nothing either', async () => {
  const understudy = await start(withRedis());
  await understudy.cache.set('a', 'kept');
  await archived(understudy);
  await redis.call('FLUSHALL');
  expect(await understudy.ask({ type: 'cache.acquire', key: 'a' })).toMatchObject({
    found: true,
    value: 'kept',
    tier: 'postgres',
  });
  await redis.call('FLUSHALL');
  const loaded = await understudy.cache.getOrSetMany(['a', 'b'], (missing) =>
    missing.map((key) => [key, 'loaded']),
  );
  expect(loaded).toEqual(
    new Map([
      ['a', 'kept'],
      ['b', 'loaded'],
    ]),
  );
  await archived(understudy);
  await redis.call('FLUSHALL');
  expect(await understudy.cache.find('b')).toMatchObject({ value: 'loaded', tier: 'postgres' });
});

test('what is past its time to be fresh is promoted as that', async () => {
  const understudy = await start(withRedis());
  await understudy.cache.set('a', 1, { ttl: 50, grace: '1h' });
  await archived(understudy);
  await expect.poll(() => understudy.cache.get('a'), PATIENT).toBeUndefined();
  await redis.call('FLUSHALL');
  expect(await understudy.cache.get('a')).toBeUndefined();
  await redis.call('FLUSHALL');
  expect(await understudy.cache.find('a')).toMatchObject({ value: 1, stale: true, tier: 'postgres' });
});

test('counters and touched values are kept as Redis has them', async () => {
  const understudy = await start(withRedis());
  const other = await start(withRedis());
  await understudy.cache.increment('n', 40);
  await other.cache.increment('n', 2);
  await understudy.cache.set('a', 1, { ttl: 60_000 });
  // A touch makes a value no newer: it must not meet the value on its way.
  await archived(understudy);
  expect(await other.cache.touch('a', '1d')).toBe(true);
  const counter = await stored('n');
  const touched = await stored('a');
  for (const each of [understudy, other]) await archived(each);
  await redis.call('FLUSHALL');
  expect(await understudy.cache.getMany(['n', 'a'])).toEqual(
    new Map([
      ['n', 42],
      ['a', 1],
    ]),
  );
  expect([await stored('n'), await stored('a')]).toEqual([counter, touched]);
});

test('it keeps nothing for longer than its own time to live, and promotes with the rest of that of the value', async () => {
  const durable = { url: postgres.server.url, values: { ttl: '1h', timeout: 10_000 } } as const;
  const understudy = await start({ ...withRedis(), durable });
  await understudy.cache.set('long', 1, { ttl: '1d' });
  await understudy.cache.set('short', 1, { ttl: '1m' });
  await archived(understudy);
  const rows = await postgres.rows();
  const left = rows.map(({ expires }) => Number(expires) - Date.now());
  expect(left[0]).toBeLessThanOrEqual(3_601_000);
  expect(left[0]).toBeGreaterThan(3_500_000);
  expect(left[1]).toBeLessThanOrEqual(61_000);
  await redis.call('FLUSHALL');
  expect(await understudy.cache.get('long')).toBe(1);
  expect(Number(await redis.call('PTTL', `${postgres.prefix}long`))).toBeGreaterThan(80_000_000);
});

async function selects(understudy: Understudy): Promise<number> {
  const families = await understudy.ask({ type: 'metrics.snapshot' });
  const family = families.find(({ name }) => name === 'understudy_durable_round_trip_duration_seconds');
  const series = family?.series.find(({ labels }) => labels.operation === 'SELECT');
  return typeof series?.value === 'object' ? series.value.count : 0;
}

test('a touch and an increment go on from what Redis has lost and the durable tier has', async () => {
  const first = await start(withRedis());
  await first.cache.increment('n', 40);
  await first.cache.set('a', 1, { ttl: '1m' });
  await archived(first);
  await redis.call('FLUSHALL');
  const second = await start(withRedis());
  expect(await Promise.all([second.cache.increment('n'), second.cache.increment('n')])).toEqual([41, 42]);
  expect(await second.cache.touch('a', '1d')).toBe(true);
  expect(await second.cache.touch('none', '1d')).toBe(false);
  expect(Number(await redis.call('PTTL', `${postgres.prefix}a`))).toBeGreaterThan(80_000_000);
  expect(await second.cache.increment('none')).toBe(1);
});
