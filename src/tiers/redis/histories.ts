import { Cluster, type Redis } from 'ioredis';
import type { RedisClient } from './client.ts';
import { failureKind } from './failures.ts';

/**
 * Of each master the id of its replication history. A promoted replica begins a history of its own, and so does a server
 * that comes back without its data: a history that is replaced by another may have taken acknowledged changes with it.
 */
export async function historiesOf(client: RedisClient): Promise<readonly string[]> {
  const masters = client instanceof Cluster ? client.nodes('master') : [client];
  return Promise.all(masters.map(historyOf));
}

async function historyOf(master: Redis): Promise<string> {
  try {
    const id = /^master_replid:(\w+)/m.exec(await master.info('replication'))?.[1];
    if (id !== undefined) return id;
  } catch (error) {
    if (failureKind(error) !== 'refused') throw error;
  }
  // Where INFO is not allowed, the address has to do: a promoted server has another.
  const { stream, options } = master;
  const port = 'remotePort' in stream ? stream.remotePort : options.port;
  return `${options.host}:${port}`;
}

/** Whether every slot has a master that is connected to, or could be. */
export function isWhole(client: RedisClient): boolean {
  if (!(client instanceof Cluster)) return client.status === 'ready';
  const reachable = new Set(client.nodes('master').map(({ options }) => `${options.host}:${options.port}`));
  return [...new Set(client.slots.map((nodes) => nodes?.[0]))].every(
    (address) => address !== undefined && reachable.has(address),
  );
}
