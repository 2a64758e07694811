import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PrivateRedis } from '../../src/cli/private-redis.ts';
import { slotOf } from '../../src/tiers/redis/slot.ts';
import { LoadedSystem, type Report } from '../faults/loaded-system.ts';
import { type ClusterSetup, startCluster } from '../servers/redis-cluster.ts';
import { parseInfo } from '../servers/redis-info.ts';
import { heldByCluster } from './held-by-cluster.ts';
import { SlotMove } from './move-slot.ts';

let cluster: ClusterSetup;
beforeAll(async () => {
  cluster = await startCluster({ masters: 3, replicas: 3 });
});
afterAll(() => cluster.stop());

const start = (prefix: string) =>
  LoadedSystem.start({
    options: {
      prefix,
      redis: { cluster: { nodes: cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port })) } },
    },
    held: heldByCluster(cluster, prefix),
    load: { rate: 800, keys: 200 },
  });

function expectNothingAmiss({ rejected, unhandled, printed, lost, stale }: Report): void {
  expect({ rejected, unhandled, printed, lost, stale }).toEqual({
    rejected: [],
    unhandled: [],
    printed: [],
    lost: [],
    stale: 0,
  });
}

/** How often a server sent somebody elsewhere. */
async function redirections(node: PrivateRedis, kind: 'ASK' | 'MOVED'): Promise<number> {
  const line = parseInfo(await node.call('INFO', 'errorstats')).get(`errorstat_${kind}`);
  return Number(line?.replace('count=', '') ?? 0);
}

async function moves(slots: readonly number[], from: PrivateRedis): Promise<SlotMove[]> {
  const masters = await cluster.masters();
  const to = masters.find((master) => master !== from);
  if (to === undefined) throw new RangeError('Expected a second master');
  return slots.map((slot) => new SlotMove({ slot, from, to, masters }));
}

test('slots that move while traffic runs cost no call and no write', { timeout: 60_000 }, async ({
  annotate,
}) => {
  const prefix = 'moving:';
  await using system = await start(prefix);
  const from = await cluster.masterOf(`${prefix}key-0`);
  const names = Array.from({ length: 60 }, (_, at) => `${prefix}key-${at}`);
  const ofFrom = await Promise.all(
    names.map((name) =>
      from.call('EXISTS', name).then(
        () => true,
        () => false,
      ),
    ),
  );
  const slots = [...new Set(names.filter((_, at) => ofFrom[at]).map(slotOf))].slice(0, 20);
  const before = { ask: await redirections(from, 'ASK'), moved: await redirections(from, 'MOVED') };
  const moving = await moves(slots, from);
  for (const move of moving) await move.begin();
  for (const move of moving) await move.keys(100);
  await system.answered(600);
  for (const move of moving) await move.end();
  await system.answered(600);
  const after = { ask: await redirections(from, 'ASK'), moved: await redirections(from, 'MOVED') };
  const report = await system.finish();
  await annotate(JSON.stringify({ before, after, ...report }));
  expectNothingAmiss(report);
  expect(after.ask).toBeGreaterThan(before.ask);
  expect(after.moved).toBeGreaterThan(before.moved);
});

test('the one slot of all keys moves, key by key', { timeout: 60_000 }, async ({ annotate }) => {
  const prefix = '{one}:';
  await using system = await start(prefix);
  const from = await cluster.masterOf(prefix);
  const [move] = await moves([slotOf(prefix)], from);
  await move?.begin();
  for (let round = 0; round < 5; round++) {
    await move?.keys(50);
    await system.answered(200);
  }
  await move?.end();
  await system.answered(600);
  const report = await system.finish();
  await annotate(JSON.stringify(report));
  expectNothingAmiss(report);
});
