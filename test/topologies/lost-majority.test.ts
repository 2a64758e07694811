import { expect, test } from 'vitest';
import type { PrivateRedis } from '../../src/cli/private-redis.ts';
import { redisCall } from '../../src/cli/redis-socket.ts';
import { heldBy } from '../faults/held-by-redis.ts';
import { LoadedSystem } from '../faults/loaded-system.ts';
import { rideOut } from '../faults/ride-out.ts';
import { startCluster } from '../servers/redis-cluster.ts';
import { parseInfo } from '../servers/redis-info.ts';
import { startSentinel } from '../servers/redis-sentinel.ts';
import { heldByCluster } from './held-by-cluster.ts';

/** Not so much that the making of calls is what keeps a busy machine from answering them. */
const LOAD = { rate: 800, keys: 1_000 };

const stateOf = async (node: PrivateRedis) =>
  parseInfo(await node.call('CLUSTER', 'INFO')).get('cluster_state');

test('a Cluster that lost its majority costs no call, and has every write when it is whole again', {
  timeout: 60_000,
}, async ({ annotate }) => {
  await using cluster = await startCluster({ masters: 3, replicas: 3 });
  const prefix = 'majority:';
  await using system = await LoadedSystem.start({
    options: {
      prefix,
      redis: { cluster: { nodes: cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port })) } },
    },
    held: heldByCluster(cluster, prefix),
    load: LOAD,
  });
  const [left, ...hung] = await cluster.masters();
  const begin = () => Promise.all(hung.map((node) => node.freeze()));
  const end = async () => {
    await expect.poll(() => left && stateOf(left), { timeout: 15_000 }).toBe('fail');
    await expect(left?.call('SET', 'nobody', 'may')).rejects.toThrow(/^(CLUSTERDOWN|MOVED)/);
    await Promise.all(hung.map((node) => node.thaw()));
    const states = () => Promise.all(cluster.nodes.map(stateOf));
    await expect.poll(states, { timeout: 20_000 }).toEqual(cluster.nodes.map(() => 'ok'));
  };
  await rideOut(system, { begin, end, lasting: 400 }, annotate);
});

test('without a quorum of sentinels a dead master is not replaced: calls degrade, and nothing accepted is lost', {
  timeout: 60_000,
}, async ({ annotate }) => {
  await using setup = await startSentinel();
  const master = {
    call: async (...command: (string | number)[]) => redisCall(await setup.masterPort(), command),
  };
  await using system = await LoadedSystem.start({
    options: {
      prefix: 'quorum:',
      redis: { sentinel: { name: setup.masterName, nodes: setup.sentinels } },
    },
    held: heldBy(master, 'quorum:'),
    load: LOAD,
  });
  const [watching, ...others] = setup.watchers;
  let killed = 0;
  const begin = async () => {
    // Not frozen: a sentinel that slept for 2 s mistrusts its clock, and does nothing for 30 s.
    await Promise.all(others.map((sentinel) => sentinel.kill()));
    const address = await watching?.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', setup.masterName);
    killed = Number(Array.isArray(address) ? address[1] : Number.NaN);
    await setup.servers.find(({ port }) => port === killed)?.kill();
  };
  const end = async () => {
    // The one that is left sees it, and can do nothing.
    const quorum = () => watching?.call('SENTINEL', 'CKQUORUM', setup.masterName).catch(String);
    await expect.poll(quorum, { timeout: 15_000 }).toContain('NOQUORUM');
    const address = await watching?.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', setup.masterName);
    expect(address).toEqual(['127.0.0.1', String(killed)]);
    await Promise.all(others.map((sentinel) => sentinel.restart()));
    const promoted = async () => {
      const port = await setup.masterPort();
      return port === killed ? 'not yet' : redisCall(port, ['SET', 'promoted', 'yes']);
    };
    await expect.poll(() => promoted().catch(String), { timeout: 30_000 }).toBe('OK');
  };
  await rideOut(system, { begin, end, lasting: 400 }, annotate);
});
