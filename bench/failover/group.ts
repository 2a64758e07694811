import type { PrivateRedis } from '../../src/cli/private-redis.ts';
import { startCluster } from '../../test/servers/redis-cluster.ts';
import { startSentinel } from '../../test/servers/redis-sentinel.ts';

export const TOPOLOGIES = ['sentinel', 'cluster'] as const;
export type TopologyName = (typeof TOPOLOGIES)[number];

/** Every key of a run is in one slot: of a Cluster it is one master that fails. */
export const PREFIX = '{failover}:';

/** A master with its replicas, and whoever promotes one of them. */
export interface Group extends AsyncDisposable {
  readonly redis:
    | { sentinel: { name: string; nodes: { host: string; port: number }[] } }
    | { cluster: { nodes: { host: string; port: number }[] } };
  readonly master: PrivateRedis;
  readonly replicas: readonly PrivateRedis[];
  /** The master as it is now. */
  current(): Promise<PrivateRedis>;
}

export function startGroup(topology: TopologyName): Promise<Group> {
  return topology === 'sentinel' ? sentinelGroup() : clusterGroup();
}

async function sentinelGroup(): Promise<Group> {
  const setup = await startSentinel();
  const current = async () => {
    const port = await setup.masterPort();
    return found(setup.servers.find((server) => server.port === port));
  };
  const master = await current();
  return {
    redis: { sentinel: { name: setup.masterName, nodes: setup.sentinels } },
    master,
    replicas: setup.servers.filter((server) => server !== master),
    current,
    [Symbol.asyncDispose]: () => setup.stop(),
  };
}

async function clusterGroup(): Promise<Group> {
  const cluster = await startCluster({ masters: 3, replicas: 3 });
  const master = await cluster.masterOf(PREFIX);
  const roles = await Promise.all(cluster.nodes.map((node) => node.call('ROLE')));
  const replicas = cluster.nodes.filter((_, at) => {
    const role = roles[at];
    return Array.isArray(role) && role[0] === 'slave' && role[2] === master.port;
  });
  return {
    redis: { cluster: { nodes: cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port })) } },
    master,
    replicas,
    // The old master may hang, and is not asked.
    current: async () => {
      for (const replica of replicas) {
        const role = await replica.call('ROLE');
        if (Array.isArray(role) && role[0] === 'master') return replica;
      }
      throw new Error('No replica was promoted');
    },
    [Symbol.asyncDispose]: () => cluster.stop(),
  };
}

function found<T>(one: T | undefined): T {
  if (one === undefined) throw new Error('The master is none of the servers');
  return one;
}
