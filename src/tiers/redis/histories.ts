import { Cluster, type Redis } from 'ioredis';
import type { RedisClient } from './client.ts';
import { failureKind } from './failures.ts';
import { send } from './send.ts';

/**
 * Of each master that answers the id of its replication history. A promoted replica begins a history of its own, and so does a server
 * that comes back without its data: a history that is replaced by another may have taken acknowledged changes with it.
 */
export async function historiesOf(client: RedisClient): Promise<readonly string[]> {
  const masters = client instanceof Cluster ? client.nodes('master') : [client];
  const settled = await Promise.allSettled(masters.map(historyOf));
  const histories = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = settled.find((result) => result.status === 'rejected');
  // One that is out says nothing, and must not keep the others from being asked for what they have.
  if (histories.length === 0 && failed !== undefined) throw failed.reason;
  return histories;
}

async function historyOf(master: Redis): Promise<string> {
  try {
    const id = /^master_replid:(\w+)/m.exec(String(await send(master, 'info', ['replication'])))?.[1];
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
  const connected = client.nodes('master').filter(({ status }) => status === 'ready' || status === 'wait');
  const reachable = new Set(connected.map(({ options }) => `${options.host}:${options.port}`));
  return [...new Set(client.slots.map((nodes) => nodes?.[0]))].every(
    (address) => address !== undefined && reachable.has(address),
  );
}
