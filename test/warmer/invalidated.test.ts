import { expect, test } from 'vitest';
import { Recency } from '../../actors/cache/recency.ts';
import { relearn } from '../../actors/cache/relearn.ts';
import { RedisTier } from '../../src/tiers/redis/redis-tier.ts';
import { switchedCaches } from '../cache/switched-cache.ts';
import { SuiteRedis } from '../cache/systems.ts';
import { tierOptions } from '../tiers/redis-tier-options.ts';

const redis = new SuiteRedis();
const start = switchedCaches();

test('what was invalidated is not brought back to memory', async () => {
  const { port } = redis.server;
  const namespaces = { users: {} };
  const other = await start({ port, namespaces });
  await other.cache.set('gone', 1, { tags: ['red'] });
  await other.cache.set('users:gone', 1);
  await other.cache.invalidateTags('red');
  await other.cache.clear('users:');
  await other.cache.set('there', 1, { tags: ['red'] });
  const one = await start({ port, namespaces });
  const address = { host: '127.0.0.1', port };
  const tier = new RedisTier(tierOptions({ kind: 'standalone', address }, { prefix: 'understudy:' }));
  await tier.connect();
  const keys = ['gone', 'users:gone', 'there'];
  expect(await relearn(one.state, new Recency(), keys, (asked) => tier.read(asked))).toBe(1);
  tier.disconnect();
  one.down();
  expect(await one.cache.getMany(keys)).toEqual(new Map([['there', 1]]));
});
