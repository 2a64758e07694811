import type { PrivateRedis } from '../../src/cli/private-redis.ts';
import { isInSync, parseInfo } from './redis-info.ts';
import { until } from './until.ts';

const SLOTS = 16_384;
const FORMATION_MS = 15_000;

/** Joins fresh nodes into one cluster: slots shared out evenly over the masters, replicas given to them in turn. */
export async function formCluster(masters: readonly PrivateRedis[], replicas: readonly PrivateRedis[]) {
  const nodes = [...masters, ...replicas];
  // Distinct epochs before the nodes meet, or they settle the collisions one at a time.
  await Promise.all(nodes.map((node, index) => node.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)));
  await Promise.all(masters.map((master, index) => assignSlots(master, index, masters.length)));
  await introduceAll(nodes);
  await allOf(nodes, 'knows the others', (node) => knows(node, nodes.length));
  await Promise.all(replicas.map((replica, index) => follow(replica, masters[index % masters.length])));
  await allOf(replicas, 'is in sync', isInSync);
  await allOf(nodes, 'finds the cluster whole', (node) => findsWhole(node, replicas.length));
}

function assignSlots(master: PrivateRedis, index: number, masters: number) {
  const first = Math.floor((index * SLOTS) / masters);
  const last = Math.floor(((index + 1) * SLOTS) / masters) - 1;
  return master.call('CLUSTER', 'ADDSLOTSRANGE', first, last);
}

/** Everyone to everyone: sooner done than by gossip. */
async function introduceAll(nodes: readonly PrivateRedis[]): Promise<void> {
  const pairs = nodes.flatMap((node) =>
    nodes.filter((other) => other !== node).map((other) => ({ node, other })),
  );
  await Promise.all(pairs.map(({ node, other }) => node.call('CLUSTER', 'MEET', '127.0.0.1', other.port)));
}

async function follow(replica: PrivateRedis, master: PrivateRedis | undefined): Promise<void> {
  if (!master) throw new RangeError('Expected at least one master');
  await replica.call('CLUSTER', 'REPLICATE', String(await master.call('CLUSTER', 'MYID')));
}

async function knows(node: PrivateRedis, count: number): Promise<boolean> {
  const view = String(await node.call('CLUSTER', 'NODES'));
  return view.trim().split('\n').length === count && !view.includes('handshake');
}

async function findsWhole(node: PrivateRedis, replicas: number): Promise<boolean> {
  if (parseInfo(await node.call('CLUSTER', 'INFO')).get('cluster_state') !== 'ok') return false;
  const view = String(await node.call('CLUSTER', 'NODES'))
    .trim()
    .split('\n');
  const flags = view.map((line) => line.split(' ')[2] ?? '');
  return (
    flags.filter((flag) => flag.includes('slave')).length === replicas &&
    !flags.some((flag) => flag.includes('fail'))
  );
}

async function allOf(
  nodes: readonly PrivateRedis[],
  expectation: string,
  probe: (node: PrivateRedis) => Promise<boolean>,
): Promise<void> {
  const options = { timeoutMs: FORMATION_MS };
  await Promise.all(
    nodes.map((node) => until(`node ${node.port} ${expectation}`, () => probe(node), options)),
  );
}
