import { afterAll, beforeAll, expect, test } from 'vitest';
import { redisCall } from '../../src/cli/redis-socket.ts';
import { isAlive } from './process-state.ts';
import { type ClusterSetup, startCluster } from './redis-cluster.ts';

let cluster: ClusterSetup;
beforeAll(async () => {
  cluster = await startCluster({ masters: 3, replicas: 3 });
}, 20_000);
afterAll(() => cluster.stop());

test('one node has the slot of a key, and the others say where it has moved', async () => {
  const master = await cluster.masterOf('k');
  expect(await master.call('SET', 'k', 'v')).toBe('OK');
  for (const other of cluster.nodes.filter((node) => node !== master)) {
    await expect(other.call('GET', 'k')).rejects.toThrow(`127.0.0.1:${master.port}`);
  }
  expect(await cluster.masters()).toHaveLength(3);
});

test('a replica takes over the slots of a master that was killed, with its data', {
  timeout: 20_000,
}, async () => {
  const before = await cluster.masterOf('k');
  await before.call('SET', 'k', 'v');
  await before.call('WAIT', 1, 1000);

  const killed = await cluster.killMasterOf('k');
  expect(killed.port).toBe(before.port);
  expect(isAlive(killed.pid)).toBe(false);

  await expect
    .poll(() => cluster.masterOf('k').then(({ port }) => port, String), { timeout: 15_000 })
    .toBeTypeOf('number');
  const promoted = await cluster.masterOf('k');
  expect(promoted.port).not.toBe(killed.port);
  expect(await promoted.call('GET', 'k')).toBe('v');

  await killed.restart();
  await expect.poll(() => killed.call('ROLE'), { timeout: 10_000 }).toContain('slave');
  expect(await cluster.masters()).toHaveLength(3);
});

test('nothing of it outlives stop', async () => {
  await cluster.stop();
  expect(cluster.nodes.filter(({ pid }) => isAlive(pid))).toEqual([]);
  for (const { port } of cluster.nodes)
    await expect(redisCall(port, ['PING'])).rejects.toThrow('ECONNREFUSED');
});
