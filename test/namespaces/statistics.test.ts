import { expect, test } from 'vitest';
import { createTestUnderstudy } from '../../src/testing/index.ts';

test('each namespace has its own hits and misses, by the tier that answered', async () => {
  await using system = await createTestUnderstudy({
    namespaces: { users: {}, pages: { ttl: '1m', grace: '1m' } },
  });
  const { cache, understudy } = system;
  await system.until(
    cache.setMany([
      ['users:1', 1],
      ['pages:1', 1],
      ['other', 1],
    ]),
  );
  await system.until(cache.getMany(['users:1', 'users:2', 'pages:1', 'other']));
  await system.advance('90s');
  await system.until(cache.get('pages:1'));
  await system.until(cache.getOrSet('users:3', () => 3));
  await system.until(cache.clear('users:'));
  await system.until(cache.get('users:1'));
  system.redis.fail();
  await system.until(cache.get('users:4'));
  const none = { hits: 0, misses: 0 };
  const { namespaces } = await system.until(understudy.ask({ type: 'cache.stats' }));
  expect(namespaces).toEqual({
    users: { hits: 1, misses: 4, tiers: { redis: { hits: 1, misses: 3 }, memory: { hits: 0, misses: 1 } } },
    pages: { hits: 1, misses: 1, tiers: { redis: { hits: 1, misses: 1 }, memory: none } },
  });
  const families = await system.until(understudy.metrics());
  const reads = families.find(({ name }) => name === 'understudy_namespace_reads_total');
  const series = reads?.series.map(({ labels }) => labels.namespace);
  expect(new Set(series)).toEqual(new Set(['users', 'pages']));
});

test('without namespaces there are none', async () => {
  await using system = await createTestUnderstudy();
  expect(await system.until(system.understudy.ask({ type: 'cache.stats' }))).not.toHaveProperty('namespaces');
});
