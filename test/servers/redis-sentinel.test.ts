import { afterAll, beforeAll, expect, test } from 'vitest';
import { redisCall } from '../../src/cli/redis-socket.ts';
import { isAlive } from './process-state.ts';
import { type SentinelSetup, startSentinel } from './redis-sentinel.ts';

let setup: SentinelSetup;
beforeAll(async () => {
  setup = await startSentinel();
}, 20_000);
afterAll(() => setup.stop());

test('every sentinel names the master, which has both replicas', async () => {
  const master = await setup.masterPort();
  expect(setup.sentinels).toHaveLength(3);
  for (const { port } of setup.sentinels) {
    expect(await redisCall(port, ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', setup.masterName])).toEqual([
      '127.0.0.1',
      String(master),
    ]);
  }
  expect(await redisCall(master, ['INFO', 'replication'])).toContain('connected_slaves:2');
});

test('promotes a replica that has what was written when the master is killed', {
  timeout: 20_000,
}, async () => {
  const master = await setup.masterPort();
  await redisCall(master, ['SET', 'k', 'v']);
  await redisCall(master, ['WAIT', 2, 1000]);

  expect(await setup.killMaster()).toBe(master);
  await expect.poll(() => setup.masterPort(), { timeout: 15_000 }).not.toBe(master);

  const promoted = await setup.masterPort();
  expect(setup.servers.map(({ port }) => port)).toContain(promoted);
  expect(await redisCall(promoted, ['GET', 'k'])).toBe('v');
  expect(await redisCall(promoted, ['SET', 'k', 'w'])).toBe('OK');
});

test('nothing of it outlives stop', async () => {
  await setup.stop();
  expect(setup.servers.filter(({ pid }) => isAlive(pid))).toEqual([]);
  for (const { port } of setup.sentinels)
    await expect(redisCall(port, ['PING'])).rejects.toThrow('ECONNREFUSED');
});
