import { expect, test } from 'vitest';
import { freshOf, versionOf } from '../../src/wire/stored.ts';
import { SuiteRedis, understudies } from '../cache/systems.ts';
import { archived, SuitePostgres } from './suite.ts';

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
