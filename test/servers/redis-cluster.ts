import type { PrivateRedis } from '../../src/cli/private-redis.ts';
import { RedisReplyError } from '../../src/cli/redis-socket.ts';
import { formCluster } from './cluster-formation.ts';
import { startFleet, stopFleet, times } from './fleet.ts';

const NODE = {
  args: ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000', '--repl-diskless-sync-delay', '0'],
};

interface ClusterOptions {
  masters: number;
  /** Given to the masters in turn. */
  replicas: number;
}

export interface ClusterSetup extends AsyncDisposable {
  readonly nodes: readonly PrivateRedis[];
  /** The running nodes that are masters now, as they say themselves. */
  masters(): Promise<PrivateRedis[]>;
  /** The running node that has the slot of `key` now. */
  masterOf(key: string): Promise<PrivateRedis>;
  /** SIGKILLs the master that has the slot of `key`, and returns it. A replica takes over after about two seconds. */
  killMasterOf(key: string): Promise<PrivateRedis>;
  stop(): Promise<void>;
}

/** A cluster that covers every slot, its nodes agreeing on that and its replicas in sync. */
export async function startCluster({ masters, replicas }: ClusterOptions): Promise<ClusterSetup> {
  const nodes = await startFleet(times(masters + replicas, NODE));
  const stop = () => stopFleet(nodes);
  try {
    await formCluster(nodes.slice(0, masters), nodes.slice(masters));
  } catch (error) {
    await stop();
    throw error;
  }
  const running = () => nodes.filter((node) => node.running);
  const masterOf = async (key: string) => {
    const [master] = await filterAsync(running(), (node) => serves(node, key));
    if (!master) throw new Error('No running node has the slot of the key');
    return master;
  };
  return {
    nodes,
    masters: () => filterAsync(running(), isMaster),
    masterOf,
    killMasterOf: async (key) => {
      const master = await masterOf(key);
      await master.kill();
      return master;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function isMaster(node: PrivateRedis): Promise<boolean> {
  const role = await node.call('ROLE');
  return Array.isArray(role) && role[0] === 'master';
}

async function serves(node: PrivateRedis, key: string): Promise<boolean> {
  try {
    await node.call('EXISTS', key);
    return true;
  } catch (error) {
    if (error instanceof RedisReplyError && error.message.startsWith('MOVED')) return false;
    throw error;
  }
}

async function filterAsync<T>(items: readonly T[], test: (item: T) => Promise<boolean>): Promise<T[]> {
  const kept = await Promise.all(items.map(async (item) => ((await test(item)) ? [item] : [])));
  return kept.flat();
}
