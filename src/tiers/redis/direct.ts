import { Cluster, type Redis } from 'ioredis';
import type { RedisClient } from './client.ts';
import { slotOf } from './slot.ts';

/** The server that has a key, as far as the client knows; undefined where it knows of none. */
export function masterOf(client: RedisClient, key: string): Redis | undefined {
  if (!(client instanceof Cluster)) return client;
  const address = client.slots[slotOf(key)]?.[0];
  if (address === undefined) return undefined;
  return client.nodes('master').find(({ options }) => `${options.host}:${options.port}` === address);
}

/** Replies by which a server of a Cluster sends the asker elsewhere, or asks for patience. It has done nothing. */
export function isRedirection(error: unknown): boolean {
  return error instanceof Error && /^(?:MOVED|ASK|TRYAGAIN|CLUSTERDOWN)\b/.test(error.message);
}
