import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createUnderstudy } from '../../src/system.ts';
import { expectBars, TIME_TO_RETURN } from '../faults/bars.ts';
import { LoadedSystem, now } from '../faults/loaded-system.ts';
import { type ClusterSetup, startCluster } from '../servers/redis-cluster.ts';
import { parseInfo } from '../servers/redis-info.ts';
import { expectToServe } from './conforms.ts';
import { connected } from './connected.ts';
import { heldByCluster } from './held-by-cluster.ts';
import { startSilentServer } from './silent-server.ts';

let cluster: ClusterSetup;
beforeAll(async () => {
  cluster = await startCluster({ masters: 3, replicas: 3 });
});
afterAll(() => cluster.stop());

const redis = () => ({
  cluster: { nodes: cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port })) },
});

test('keys in every slot', () => expectToServe({ redis: redis() }));

test('a write that waits is confirmed by the replicas of its own master', async () => {
  const understudy = await createUnderstudy({
    prefix: 'wait:',
    deadline: 10_000,
    redis: { ...redis(), commandTimeout: 4_000 },
  });
  onTestFinished(() => understudy.stop());
  const entries = Array.from({ length: 50 }, (_, at) => [`${at}`, at] as const);
  expect(await understudy.cache.setMany(entries, { wait: 1 })).toMatchObject({ durable: true, replicas: 1 });
  expect(await understudy.cache.setMany(entries, { wait: 2 })).toMatchObject({ durable: false, replicas: 1 });
});

test('a node that is killed costs no call, and its successor holds every write', {
  timeout: 30_000,
}, async ({ annotate }) => {
  const prefix = 'killed:';
  await using system = await LoadedSystem.start({
    options: { prefix, redis: redis() },
    held: heldByCluster(cluster, prefix),
  });
  await cluster.killMasterOf(`${prefix}key-0`);
  // Each of them has to hear of the promotion before it takes part again.
  const whole = async () => {
    const running = cluster.nodes.filter((node) => node.running);
    const views = await Promise.all(running.map((node) => node.call('CLUSTER', 'INFO')));
    return views.every((view) => parseInfo(view).get('cluster_state') === 'ok');
  };
  await expect.poll(whole, { timeout: 5_000 }).toBe(false);
  await expect.poll(whole, { timeout: 15_000 }).toBe(true);
  const promoted = now();
  const returned = (await system.servedByRedis(promoted, TIME_TO_RETURN)) - promoted;
  await system.answered(400);
  const report = await system.finish();
  await annotate(JSON.stringify({ returned, ...report }));
  expectBars(report);
  expect(returned).toBeLessThanOrEqual(TIME_TO_RETURN);
});

test('a node that hangs does not keep the others from being asked, nor keeps a socket', async () => {
  const silent = await startSilentServer();
  for (let attempt = 0; attempt < 3; attempt++) {
    const understudy = await createUnderstudy({
      prefix: 'silent:',
      redis: { cluster: { nodes: [silent.address, ...redis().cluster.nodes.slice(0, 2)] } },
    });
    onTestFinished(() => understudy.stop());
    expect(await understudy.health()).toMatchObject({ status: 'healthy', connected: true });
  }
  await expect.poll(silent.open, { timeout: 3_000 }).toBe(0);
});

test('nothing of it stays connected after stop', async () => {
  const understudy = await createUnderstudy({ prefix: 'stop:', redis: redis() });
  await understudy.cache.setMany(Array.from({ length: 50 }, (_, at) => [`${at}`, at] as const));
  expect(await connected(cluster.nodes)).toBeGreaterThan(0);
  await understudy.stop();
  await expect.poll(() => connected(cluster.nodes), { timeout: 3_000 }).toBe(0);
});
