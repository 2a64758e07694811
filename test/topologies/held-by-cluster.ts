import { numberIn } from '../faults/held-by-redis.ts';
import type { ClusterSetup } from '../servers/redis-cluster.ts';

const AT_ONCE = 32;

/** Reads which numbered values a Cluster holds: of each master what it has, a key at a time. */
export function heldByCluster(cluster: ClusterSetup, prefix: string) {
  return async (keys: readonly string[]): Promise<(number | undefined)[]> => {
    const held = new Map<string, number | undefined>();
    for (const master of await cluster.masters()) {
      const names = await master.call('KEYS', `${prefix}key-*`);
      if (!Array.isArray(names))
        throw new TypeError(`Expected the list that KEYS replies with, got ${names}`);
      for (let from = 0; from < names.length; from += AT_ONCE) {
        const part = names.slice(from, from + AT_ONCE).map(String);
        const stored = await Promise.all(part.map((name) => master.call('GET', name)));
        for (const [at, name] of part.entries()) held.set(name.slice(prefix.length), numberIn(stored[at]));
      }
    }
    return keys.map((key) => held.get(key));
  };
}
