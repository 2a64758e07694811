import type { PrivateRedis } from '../../src/cli/private-redis.ts';
import { parseInfo } from '../servers/redis-info.ts';
import { until } from '../servers/until.ts';

/**
 * Takes its replicas from a master that goes on serving: they are refused at its door from now on. Resolves when it has
 * none; with the function that lets them in again, wherever their master is by then.
 */
export async function cutReplication(
  master: PrivateRedis,
  replicas: readonly PrivateRedis[],
): Promise<() => Promise<void>> {
  // A master without a password refuses everybody who gives one.
  await Promise.all(replicas.map((replica) => replica.call('CONFIG', 'SET', 'masterauth', 'refused')));
  await master.call('CLIENT', 'KILL', 'TYPE', 'replica');
  const alone = async () =>
    parseInfo(await master.call('INFO', 'replication')).get('connected_slaves') === '0';
  await until('the master has no replicas', alone, { timeoutMs: 10_000 });
  return async () => {
    const running = replicas.filter((replica) => replica.running);
    await Promise.all(running.map((replica) => replica.call('CONFIG', 'SET', 'masterauth', '')));
  };
}
