import type { Redis } from 'ioredis';
import { connectClient, createSideConnection, destroyClient } from './client.ts';
import { safeError } from './failures.ts';
import type { Address, RedisTierOptions } from './options.ts';
import { within } from './within.ts';

/** The masters of a Cluster, by the first of the configured nodes that answers. */
export async function findMasters(options: RedisTierOptions, nodes: readonly Address[]): Promise<Address[]> {
  let failure: unknown = new Error('no nodes of the Cluster are configured');
  const timeout = options.connectTimeout / (nodes.length + 1);
  for (const node of nodes) {
    const connection: Redis = createSideConnection(options, node);
    connection.on('error', () => {});
    try {
      await connectClient(connection, timeout);
      return mastersIn(await within(timeout, 'no answer', connection.cluster('SLOTS')), node.host);
    } catch (error) {
      failure = error;
    } finally {
      destroyClient(connection);
    }
  }
  throw safeError(failure);
}

/** The masters in a reply of CLUSTER SLOTS, in a fixed order. A node that does not know its own name leaves it out. */
export function mastersIn(reply: unknown, asked: string): Address[] {
  const masters = new Map<string, Address>();
  for (const range of Array.isArray(reply) ? reply : []) {
    const master: unknown = Array.isArray(range) ? range[2] : undefined;
    if (!Array.isArray(master)) continue;
    const address = { host: String(master[0] ?? '') || asked, port: Number(master[1]) };
    masters.set(addressText(address), address);
  }
  return [...masters].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, address]) => address);
}

export function addressText({ host, port }: Address): string {
  return `${host}:${port}`;
}
