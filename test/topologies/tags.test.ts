import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createUnderstudy, type Understudy } from '../../src/index.ts';
import { type ClusterSetup, startCluster } from '../servers/redis-cluster.ts';

let cluster: ClusterSetup;
beforeAll(async () => {
  cluster = await startCluster({ masters: 3, replicas: 0 });
});
afterAll(() => cluster.stop());

async function start(): Promise<Understudy> {
  const understudy = await createUnderstudy({
    deadline: 10_000,
    namespaces: { users: {} },
    redis: {
      cluster: { nodes: cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port })) },
      commandTimeout: 4_000,
    },
  });
  onTestFinished(() => understudy.stop());
  return understudy;
}

const KEYS = Array.from({ length: 200 }, (_, at) => `key ${at}`);

test('tags and their markers may be in any slots', async () => {
  const [one, other] = [await start(), await start()];
  await one.cache.setMany(KEYS.map((key, at) => ({ key, value: at, tags: [`tag ${at % 7}`, 'all'] })));
  expect((await other.cache.getMany(KEYS)).size).toBe(KEYS.length);
  await other.cache.invalidateTags('tag 3');
  const left = KEYS.filter((_, at) => at % 7 !== 3);
  expect([...(await one.cache.getMany(KEYS)).keys()]).toEqual(left);
  await one.cache.set('key 3', 'new', { tags: ['tag 3'] });
  expect(await other.cache.get('key 3')).toBe('new');
  await one.cache.invalidateTags('all');
  expect(await other.cache.getMany(KEYS)).toEqual(new Map([['key 3', 'new']]));
});

test('a namespace is cleared in all slots by one change', async () => {
  const [one, other] = [await start(), await start()];
  await one.cache.setMany(KEYS.map((key) => [`users:${key}`, 1]));
  expect(await one.cache.increment('users:n', 5)).toBe(5);
  await other.cache.clear('users:');
  expect(await one.cache.getMany(KEYS.map((key) => `users:${key}`))).toEqual(new Map());
  // It has heard of the clear by now.
  expect(await one.cache.increment('users:n', 2)).toBe(2);
  expect(await one.cache.keys('users:')).toEqual(['users:n']);
});
