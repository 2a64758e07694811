import type { RedisTierOptions } from '../../src/tiers/redis/options.ts';
import { startCluster } from '../servers/redis-cluster.ts';
import { startRedis } from '../servers/redis-server.ts';
import type { RedisServer } from '../servers/server.ts';
import { tierOptions } from '../tiers/redis-tier-options.ts';
import { type HeardRedis, hearsOfChanges } from './changes-are-heard.ts';

/** May do all it takes but ask the server to track. */
const UNTRACKED = ['reset', 'on', '>canary', '~*', '&*', '+@all', '-client|tracking'];

async function heardRedis(
  servers: readonly RedisServer[],
  writer: RedisTierOptions,
  tracked: boolean,
  stop: () => Promise<void>,
): Promise<HeardRedis> {
  for (const server of servers) await server.call('ACL', 'SETUSER', 'untracked', ...UNTRACKED);
  const listener = tracked ? writer : { ...writer, username: 'untracked', password: 'canary' };
  return {
    writer,
    listener,
    killListeners: async () => {
      for (const server of servers) await server.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    },
    stop,
  };
}

async function standalone(tracked: boolean): Promise<HeardRedis> {
  const redis = await startRedis();
  const options = tierOptions({ kind: 'standalone', address: { host: '127.0.0.1', port: redis.port } });
  return heardRedis([redis], options, tracked, () => redis.stop());
}

async function cluster(tracked: boolean): Promise<HeardRedis> {
  const setup = await startCluster({ masters: 3, replicas: 0 });
  const nodes = setup.nodes.map(({ port }) => ({ host: '127.0.0.1', port }));
  return heardRedis(setup.nodes, tierOptions({ kind: 'cluster', nodes }), tracked, setup.stop);
}

hearsOfChanges('tracking', 'tracking', () => standalone(true));
hearsOfChanges('announcements', 'pubsub', () => standalone(false));
hearsOfChanges('tracking on a Cluster', 'tracking', () => cluster(true));
hearsOfChanges('announcements on a Cluster', 'pubsub', () => cluster(false));
