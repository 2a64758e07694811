import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { folded } from '../../actors/cache/fold.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { deltasOf } from '../../src/tiers/deltas.ts';
import { RedisTier } from '../../src/tiers/redis/redis-tier.ts';
import { SLOTS, slotOf } from '../../src/tiers/redis/slot.ts';
import { tagOf } from '../../src/tiers/redis/slot-tags.ts';
import type { Write } from '../../src/tiers/tier.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { startCluster } from '../servers/redis-cluster.ts';
import { startRedis } from '../servers/redis-server.ts';
import { until } from '../servers/until.ts';
import { Changes } from './changes.ts';
import { tierOptions } from './redis-tier-options.ts';
import { valuesOf } from './tier-under-test.ts';

type Increment = Extract<Write, { op: 'increment' }>;

async function standalone() {
  const redis = await startRedis();
  const topology = { kind: 'standalone' as const, address: { host: '127.0.0.1', port: redis.port } };
  return { topology, servers: [redis], stop: () => redis.stop() };
}

async function cluster() {
  const setup = await startCluster({ masters: 3, replicas: 0 });
  const nodes = setup.nodes.map(({ port }) => ({ host: '127.0.0.1', port }));
  return { topology: { kind: 'cluster' as const, nodes }, servers: setup.nodes, stop: () => setup.stop() };
}

describe.each([
  ['one server', standalone],
  ['a Cluster', cluster],
])('%s', (_name, start) => {
  let running: Awaited<ReturnType<typeof start>>;
  let tier: RedisTier;
  const changes = new Changes(new HybridClock(systemClock));
  let run = 0;
  beforeAll(async () => {
    running = await start();
    tier = new RedisTier(tierOptions(running.topology));
    await tier.connect();
  });
  afterAll(async () => {
    tier.disconnect();
    await running.stop();
  });
  const fresh = () => `counter ${++run}`;
  const sent = (write: Increment, receipt = `test:${++run}`): Increment => ({ ...write, receipt });
  const held = async (key: string) => (await valuesOf(tier, [key]))[0];

  test('an increment that was made is not made again when it is replayed, whatever happened since', async () => {
    const key = fresh();
    const lost = sent(changes.increment(key, 5));
    await tier.write([lost]);
    await tier.write([changes.increment(key, 100), changes.touch(key)]);
    expect(await tier.replay([lost])).toEqual([{ status: 'done' }]);
    expect(await held(key)).toBe(105);
  });

  test('an increment that was not made is made once, however often it is replayed', async () => {
    const key = fresh();
    const lost = sent(changes.increment(key, 5));
    await tier.write([changes.increment(key, 100)]);
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await tier.replay([lost])).toEqual([{ status: 'done' }]);
      await tier.write([changes.increment(key, 1)]);
    }
    expect(await held(key)).toBe(108);
  });

  test('a batch that arrives after its replay makes nothing of it again, and the rest of itself', async () => {
    const [key, other] = [fresh(), fresh()];
    const receipt = `test:${++run}`;
    const replayed = sent(changes.increment(key, 5), receipt);
    const not = sent(changes.increment(other, 7), receipt);
    await tier.replay([replayed]);
    await tier.write([replayed, not, changes.set(fresh(), 'x')]);
    expect(await valuesOf(tier, [key, other])).toEqual([5, 7]);
    await tier.replay([replayed, not]);
    expect(await valuesOf(tier, [key, other])).toEqual([5, 7]);
  });

  test('of an increment that grew, only the parts that were not made are made', async () => {
    const key = fresh();
    const [first, second, third] = [1, 10, 100].map((by) => sent(changes.increment(key, by)));
    if (first === undefined || second === undefined || third === undefined) throw new Error('three');
    await tier.write([second]);
    const now = systemClock.now();
    const grown = [second, third, changes.increment(key, 1_000)].reduce<Write>(
      (sum, next) => folded(sum, next, now),
      first,
    );
    expect(await tier.replay([grown])).toEqual([{ status: 'done' }]);
    expect(await held(key)).toBe(1_111);
    expect(await tier.replay([grown])).toEqual([{ status: 'done' }]);
    await tier.write([third]);
    await tier.write([first]);
    expect(await held(key)).toBe(1_111);
  });

  test('a receipt that is used again says nothing of the batch before', async () => {
    const [key, receipt] = [fresh(), `test:${++run}`];
    await tier.write([sent(changes.increment(key, 1), receipt)]);
    const unsent = sent(changes.increment(key, 2), receipt);
    await tier.write([sent(changes.increment(key, 4), receipt)]);
    await tier.replay([unsent]);
    expect(await held(key)).toBe(7);
  });

  test('what was touched and incremented is both, in one change', async () => {
    const [present, none, text, last] = [fresh(), fresh(), fresh(), fresh()];
    await tier.write([changes.set(present, 1, 60_000), changes.set(text, 'text', 60_000)]);
    const touchedFirst = (key: string): Write =>
      folded(changes.touch(key, 600_000), changes.increment(key, 5, 300_000), systemClock.now());
    const touchedLast = folded(
      changes.increment(last, 5, 300_000),
      changes.touch(last, 600_000),
      systemClock.now(),
    );
    const outcomes = await tier.replay([...[present, none, text].map(touchedFirst), touchedLast]);
    expect(outcomes.map(({ status }) => status)).toEqual(['done', 'done', 'not-a-number', 'done']);
    expect(await valuesOf(tier, [present, none, last])).toEqual([6, 5, 5]);
    expect(await left(present)).toBeGreaterThan(500_000);
    expect(await left(none)).toBeLessThanOrEqual(300_000);
    expect(await left(last)).toBeGreaterThan(500_000);
    expect(await held(text)).toBe('text');
    expect(await left(text)).toBeGreaterThan(500_000);
  });

  test('what was touched and expired before its replay is over, and what was added after that began anew', async () => {
    const [before, after] = [fresh(), fresh()];
    await tier.write([changes.set(before, 1), changes.set(after, 1)]);
    const now = systemClock.now();
    const ago = (write: Write, milliseconds: number): Write =>
      'fresh' in write ? { ...write, fresh: now - milliseconds } : write;
    const anew = folded(ago(changes.touch(after), 10), changes.increment(after, 5), now);
    // As of a time when the touch is over and the counter that the increment would have begun is not.
    const increment = changes.increment(before, 5);
    const later = { ...increment, touched: now + 60_000, fresh: now + 120_000, ttl: 60_000 };
    expect(await tier.replay([later, anew])).toEqual([{ status: 'done' }, { status: 'done' }]);
    expect(await valuesOf(tier, [before, after])).toEqual([undefined, 5]);
  });

  const left = async (key: string): Promise<number> => {
    const names = await Promise.all(
      running.servers.map((server) => server.call('PTTL', `test:${key}`).catch(() => -2)),
    );
    return Math.max(...names.map(Number));
  };

  test('what it remembers is bounded: a day, and one slip for all batches that were answered', async () => {
    const key = fresh();
    for (let batch = 0; batch < 20; batch++) {
      const receipt = `bounded:${run}`;
      await tier.write([sent(changes.increment(key, 1), receipt), sent(changes.increment(key, 1), receipt)]);
    }
    const found: string[] = [];
    for (const server of running.servers) {
      const names = await server.call('KEYS', `test:~receipt:*bounded:${run}`);
      for (const name of Array.isArray(names) ? names : []) {
        found.push(String(name));
        const ttl = Number(await server.call('PTTL', String(name)));
        expect(ttl).toBeGreaterThan(86_000_000);
        expect(ttl).toBeLessThanOrEqual(86_400_000);
        expect(String(await server.call('GET', String(name)))).toHaveLength(52);
      }
    }
    expect(found).toHaveLength(1);
  });

  /** Deliveries of a few batches: each may arrive or not, before or after replays of it, all in any order. */
  test('however batches and replays of them arrive, each increment counts once', async () => {
    const amounts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });
    const arrivals = fc.array(fc.record({ of: fc.nat(5), late: fc.boolean() }), { maxLength: 14 });
    await fc.assert(
      fc.asyncProperty(amounts, arrivals, async (bys, order) => {
        const key = fresh();
        const each = bys.map((by) => sent(changes.increment(key, by)));
        const delivered = new Set<Write>();
        for (const { of, late } of order) {
          const write = each[of];
          if (write === undefined) continue;
          if (late) await tier.replay([write]);
          else if (!delivered.has(write)) {
            // A batch is sent once.
            delivered.add(write);
            await tier.write([write]);
          }
        }
        const now = systemClock.now();
        const whole = each.reduce<Write>(
          (sum, next) => (sum === next ? sum : folded(sum, next, now)),
          each[0] as Write,
        );
        await tier.replay([whole]);
        expect(await held(key)).toBe(bys.reduce((sum, by) => sum + by, 0));
        expect(whole.op === 'increment' && deltasOf(whole)).toHaveLength(bys.length);
      }),
      { numRuns: 60 },
    );
  });
});

test('the server that takes over knows as well which increments were made', async () => {
  const [master, replica] = await Promise.all([startRedis(), startRedis()]);
  onTestFinished(async () => void (await Promise.all([master.stop(), replica.stop()])));
  const tierAt = async (port: number): Promise<RedisTier> => {
    const tier = new RedisTier(tierOptions({ kind: 'standalone', address: { host: '127.0.0.1', port } }));
    onTestFinished(() => tier.disconnect());
    await tier.connect();
    return tier;
  };
  const [first, changes] = [await tierAt(master.port), new Changes(new HybridClock(systemClock))];
  const direct: Write = { ...changes.increment('n', 5), receipt: 'test:1' };
  const replayed: Write = { ...changes.increment('n', 20), receipt: 'test:2' };
  const lost: Write = { ...changes.increment('n', 300), receipt: 'test:3' };
  await replica.call('REPLICAOF', '127.0.0.1', master.port);
  await first.write([direct]);
  await first.replay([replayed]);
  await until(
    'all is replicated',
    async () => (await replica.call('EXISTS', 'test:~applied:{test:n}')) === 1,
    {
      timeoutMs: 10_000,
    },
  );
  await master.kill();
  await replica.call('REPLICAOF', 'NO', 'ONE');
  const second = await tierAt(replica.port);
  await second.replay([direct, replayed, lost]);
  await second.replay([direct, replayed, lost]);
  expect(await valuesOf(second, ['n'])).toEqual([325]);
});

test('there is a short tag for each slot', () => {
  const tags = Array.from({ length: SLOTS }, (_, slot) => tagOf(slot));
  expect(tags.every((tag, slot) => slotOf(`a{${tag}}b`) === slot && tag.length <= 4)).toBe(true);
});
