import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { redisCall } from '../../src/cli/redis-socket.ts';
import { createUnderstudy } from '../../src/system.ts';
import { heldBy } from '../faults/held-by-redis.ts';
import { LoadedSystem } from '../faults/loaded-system.ts';
import { rideOut } from '../faults/ride-out.ts';
import { type SentinelSetup, startSentinel } from '../servers/redis-sentinel.ts';
import { expectToServe } from './conforms.ts';
import { connected } from './connected.ts';
import { startSilentServer } from './silent-server.ts';

let setup: SentinelSetup;
beforeAll(async () => {
  setup = await startSentinel();
});
afterAll(() => setup.stop());

const redis = () => ({ sentinel: { name: setup.masterName, nodes: setup.sentinels } });
const master = {
  call: async (...command: (string | number)[]) => redisCall(await setup.masterPort(), command),
};

test('the master that the sentinels name', () => expectToServe({ redis: redis() }));

test('a write that waits is confirmed by the replicas of the master', async () => {
  const understudy = await createUnderstudy({
    prefix: 'wait:',
    deadline: 10_000,
    redis: { ...redis(), commandTimeout: 4_000 },
  });
  onTestFinished(() => understudy.stop());
  expect(await understudy.cache.set('k', 1, { wait: 2 })).toMatchObject({ durable: true, replicas: 2 });
  expect(await understudy.cache.set('k', 2, { wait: 3 })).toMatchObject({ durable: false, replicas: 2 });
});

test('a master that is killed costs no call, and its successor holds every write', {
  timeout: 30_000,
}, async ({ annotate }) => {
  await using system = await LoadedSystem.start({
    options: { prefix: 'failover:', redis: redis() },
    held: heldBy(master, 'failover:'),
  });
  let killed = 0;
  const begin = async () => {
    killed = await setup.killMaster();
  };
  const end = async () => {
    const promoted = async () => {
      const port = await setup.masterPort();
      return port === killed ? 'not yet' : redisCall(port, ['SET', 'promoted', 'yes']);
    };
    await expect.poll(() => promoted().catch(String), { timeout: 15_000 }).toBe('OK');
  };
  await rideOut(system, { begin, end, lasting: 200 }, annotate);
});

test('a sentinel that hangs does not keep the others from being asked, nor keeps a socket', async () => {
  const silent = await startSilentServer();
  const { sentinel } = redis();
  const understudy = await createUnderstudy({
    prefix: 'silent:',
    redis: { sentinel: { ...sentinel, nodes: [silent.address, ...sentinel.nodes] } },
  });
  onTestFinished(() => understudy.stop());
  expect(await understudy.health()).toMatchObject({ status: 'healthy', connected: true });
  expect(silent.accepted()).toBe(1);
  await expect.poll(silent.open, { timeout: 3_000 }).toBe(0);
});

test('nothing of it stays connected after stop', async () => {
  const understudy = await createUnderstudy({ prefix: 'stop:', redis: redis() });
  await understudy.cache.set('k', 1);
  expect(await connected(setup.servers)).toBe(1);
  await understudy.stop();
  await expect.poll(() => connected(setup.servers), { timeout: 3_000 }).toBe(0);
});
