import { describe } from 'vitest';
import { systemClock } from '../../src/runtime/clock.ts';
import type { Topology } from '../../src/tiers/redis/options.ts';
import { RedisTier } from '../../src/tiers/redis/redis-tier.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { startCluster } from '../servers/redis-cluster.ts';
import { startRedis } from '../servers/redis-server.ts';
import { sharesLeases } from './conformance/leases.ts';
import { tierOptions } from './redis-tier-options.ts';

interface Servers {
  readonly topology: Topology;
  clear(): Promise<unknown>;
  stop(): Promise<void>;
}

async function standalone(): Promise<Servers> {
  const server = await startRedis();
  const topology = { kind: 'standalone', address: { host: '127.0.0.1', port: server.port } } as const;
  return { topology, clear: () => server.call('FLUSHALL'), stop: () => server.stop() };
}

async function cluster(): Promise<Servers> {
  const nodes = await startCluster({ masters: 3, replicas: 0 });
  return {
    topology: { kind: 'cluster', nodes: nodes.nodes.map(({ port }) => ({ host: '127.0.0.1', port })) },
    clear: () => Promise.all(nodes.nodes.map((node) => node.call('FLUSHALL'))),
    stop: () => nodes.stop(),
  };
}

describe.each([
  ['one server', standalone, 'leases:'],
  ['one server, a hash tag in the prefix', standalone, '{leases}:'],
  ['a Cluster', cluster, 'leases:'],
  ['a Cluster, a hash tag in the prefix', cluster, '{leases}:'],
] as const)('%s', (_name, start, prefix) => {
  sharesLeases(async () => {
    const servers = await start();
    const tier = new RedisTier(tierOptions(servers.topology, { prefix }));
    const time = new HybridClock(systemClock);
    time.correct((await tier.connect()).serverTime, 0);
    return {
      tier,
      time,
      elapse: async () => {},
      clear: async () => void (await servers.clear()),
      stop: async () => {
        tier.disconnect();
        await servers.stop();
      },
    };
  });
});
