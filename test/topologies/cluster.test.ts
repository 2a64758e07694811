import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createUnderstudy } from '../../src/system.ts';
import { expectBars, TIME_TO_RETURN } from '../faults/bars.ts';
import { LoadedSystem, now } from '../faults/loaded-system.ts';
import { type ClusterSetup, startCluster } from '../servers/redis-cluster.ts';
import { expectToServe } from './conforms.ts';
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

test('a node that is killed costs no call, and its successor holds every write', {
  timeout: 30_000,
}, async ({ annotate }) => {
  const prefix = 'killed:';
  await using system = await LoadedSystem.start({
    options: { prefix, redis: redis() },
    held: heldByCluster(cluster, prefix),
  });
  await cluster.killMasterOf(`${prefix}key-0`);
  await expect
    .poll(() => cluster.masterOf(`${prefix}key-0`).then(({ port }) => port, String), { timeout: 15_000 })
    .toBeTypeOf('number');
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
