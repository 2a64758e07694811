import fc from 'fast-check';
import { expect, test } from 'vitest';
import { folded } from '../../actors/cache/fold.ts';
import type { LeaseRequest } from '../../src/tiers/lease.ts';
import { RedisTier } from '../../src/tiers/redis/redis-tier.ts';
import type { RemoteTier, Write } from '../../src/tiers/tier.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { namespaceMarker, tagMarker } from '../../src/wire/marker.ts';
import { SuiteRedis } from '../cache/systems.ts';
import { Changes } from '../tiers/changes.ts';
import { tierOptions } from '../tiers/redis-tier-options.ts';
import { simulated } from './simulated-tier.ts';

const redis = new SuiteRedis();
const KEYS = ['a', 'a:b', '~c{d}'];
const MARKERS = [tagMarker('{t}'), namespaceMarker('a')];
const PREFIX = 'test:';
const TOMBSTONE_TTL = 600_000;

interface Plan {
  readonly op: Write['op'];
  readonly key: string;
  readonly value: number | string;
  readonly ttl: number;
  /** What is set is kept after it was fresh, which it may be no more from the beginning. */
  readonly grace: 'none' | 'fresh' | 'stale' | 'absent' | 'tagged';
  /** Which marker it changes, or (of a touch or an increment) is guarded by. */
  readonly marker: string;
  readonly guarded: boolean;
  readonly what: 'invalidated' | 'expired' | undefined;
  /** Which of two instances makes it. */
  readonly second: boolean;
  /** The batch that it was sent in, for an increment whose outcome nobody heard of. */
  readonly receipt: number | undefined;
  /** An increment that came together with a touch, or with another increment. */
  readonly after: 'touch' | 'increment' | undefined;
}

const plan: fc.Arbitrary<Plan> = fc.record({
  op: fc.constantFrom('set', 'delete', 'touch', 'increment', 'increment', 'mark'),
  key: fc.constantFrom(...KEYS),
  value: fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constantFrom('text', 9_007_199_254_740_991)),
  ttl: fc.constantFrom(60_000, 3_600_000),
  grace: fc.constantFrom('none', 'fresh', 'stale', 'absent', 'tagged'),
  marker: fc.constantFrom(...MARKERS),
  guarded: fc.boolean(),
  what: fc.constantFrom('invalidated', 'expired', undefined),
  second: fc.boolean(),
  receipt: fc.option(fc.nat(2), { nil: undefined }),
  after: fc.option(fc.constantFrom('touch', 'increment'), { nil: undefined }),
});

/** What is done, with changes by their place among those that were planned: so they come in any order, and again. */
const step = fc.oneof(
  fc.record({
    does: fc.constantFrom('write', 'replay', 'replay'),
    changes: fc.array(fc.nat(11), { minLength: 1, maxLength: 6 }),
  }),
  fc.record({
    does: fc.constant('lease'),
    key: fc.constantFrom(...KEYS),
    op: fc.constantFrom('look', 'take', 'fulfil', 'release'),
    token: fc.constantFrom('one', 'two'),
    granted: fc.boolean(),
    change: fc.nat(11),
  }),
  fc.record({
    does: fc.constant('clear'),
    prefix: fc.constantFrom('', '', 'a'),
    change: fc.nat(11),
    spared: fc.constantFrom('none', 'first', 'nobody'),
  }),
  fc.record({
    does: fc.constant('put'),
    key: fc.constantFrom(...KEYS),
    text: fc.constantFrom('41', '"text"', 'no json', '-3'),
  }),
  fc.record({ does: fc.constant('list'), key: fc.constantFrom(...KEYS) }),
);

test('whatever is asked of it, it answers and holds what a real Redis does', async () => {
  const {
    server,
    clock,
    tier: simulation,
    redis: double,
  } = await simulated({ prefix: PREFIX, tombstoneTtl: TOMBSTONE_TTL });
  const address = { host: '127.0.0.1', port: redis.server.port };
  const real = new RedisTier(
    tierOptions({ kind: 'standalone', address }, { prefix: PREFIX, tombstoneTtl: TOMBSTONE_TTL }),
  );
  await real.connect();
  const times = ['00000001', 'ffffffff'].map((instance) => new HybridClock(clock, instance));
  let compared = 0;

  const held = async (): Promise<Record<string, unknown>> => {
    const names = await redis.call('KEYS', '*');
    const all: Record<string, unknown> = {};
    for (const name of (Array.isArray(names) ? names : []).map(String)) {
      if (name.endsWith('~probe')) continue;
      const type = await redis.call('TYPE', name);
      const value =
        type === 'string'
          ? await redis.call('GET', name)
          : type === 'hash'
            ? await redis.call('HGETALL', name)
            : 'list';
      all[name] = [value, minutes(Number(await redis.call('PTTL', name)))];
    }
    return all;
  };
  const simulatedly = (): Record<string, unknown> => {
    const all: Record<string, unknown> = {};
    for (const name of server.keyspace.names()) {
      if (name.endsWith('~probe')) continue;
      const hash = name.endsWith('~clearings') ? [...server.keyspace.hash(name)].flat() : 'list';
      all[name] = [server.keyspace.text(name) ?? hash, minutes(server.keyspace.left(name) ?? -1)];
    }
    return all;
  };

  await fc.assert(
    fc.asyncProperty(
      fc.array(plan, { minLength: 12, maxLength: 12 }),
      fc.array(step, { minLength: 1, maxLength: 10 }),
      async (plans, steps) => {
        await redis.call('FLUSHALL');
        double.flush();
        await clock.advance(1);
        const writes = plans.map((each) =>
          change(new Changes(times[each.second ? 1 : 0] as HybridClock), each),
        );
        const both = async (ask: (tier: RemoteTier) => Promise<unknown>): Promise<void> => {
          const [simulatedAnswer, answer] = [await ask(simulation), await ask(real)];
          expect(rounded(simulatedAnswer)).toEqual(rounded(answer));
          compared++;
        };
        for (const each of steps) {
          switch (each.does) {
            case 'write':
            case 'replay': {
              const batch = each.changes.flatMap((at) => writes[at] ?? []);
              await both((tier) =>
                Promise.resolve(each.does === 'write' ? tier.write(batch) : tier.replay(batch)),
              );
              break;
            }
            case 'lease':
              await both((tier) => tier.lease([leaseRequest(each, writes)]));
              break;
            case 'clear': {
              const version = writes[each.change]?.version ?? '';
              const spared = { none: undefined, first: ['00000001'], nobody: ['12345678'] }[each.spared];
              await both((tier) => tier.clear(each.prefix, version, spared));
              break;
            }
            case 'put':
              await redis.call('SET', nameOf(each.key), each.text);
              double.put(each.key, each.text);
              break;
            default:
              await redis.call('DEL', nameOf(each.key));
              await redis.call('RPUSH', nameOf(each.key), 'item');
              double.put(each.key, 'text');
              double.corrupt(each.key, 'list');
          }
          expect(simulatedly()).toEqual(await held());
        }
        await both((tier) => Promise.resolve(tier.read([...KEYS, ...MARKERS])));
      },
    ),
    { numRuns: 300 },
  );
  real.disconnect();
  expect(compared).toBeGreaterThan(300);
}, 120_000);

function nameOf(key: string): string {
  return PREFIX + key.replace(/^~|[{}]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function change(
  changes: Changes,
  { op, key, value, ttl, grace, receipt, after, marker, guarded, what }: Plan,
): Write {
  if (op === 'mark') return changes.mark(marker, what, ttl);
  const guard = guarded ? { guard: marker } : {};
  if (op === 'set') {
    if (grace === 'none') return changes.set(key, value, ttl);
    if (grace === 'tagged') return changes.set(key, value, ttl, { tags: ['{t}', 'other'] });
    if (grace === 'absent') return changes.set(key, null, ttl, { absent: true });
    return changes.set(key, value, grace === 'stale' ? -1_000 : ttl, { grace: 7_200_000, etag: '"1"' });
  }
  if (op === 'delete') return changes.delete(key);
  if (op === 'touch') return { ...changes.touch(key, ttl), ...guard };
  const increment = { ...changes.increment(key, Number(value) || 1, ttl), ...guard };
  const sent: Write = receipt === undefined ? increment : { ...increment, receipt: `batch:${receipt}` };
  if (after === undefined) return sent;
  const later = after === 'touch' ? changes.touch(key, 600_000) : changes.increment(key, 5, ttl);
  return folded(sent, later, changes.time.now());
}

function leaseRequest(
  {
    op,
    key,
    token,
    granted,
    change,
  }: { op: string; key: string; token: string; granted: boolean; change: number },
  writes: readonly Write[],
): LeaseRequest {
  if (op === 'release') return { op, key, token };
  if (op === 'look' || op === 'take') return { op, key, token, ttl: 60_000 };
  const version = writes[change]?.version ?? '';
  const stored = `{"understudy":1,"version":"${version}","created":1784116800000,"fresh":1784120400000,"value":1}`;
  return { op: 'fulfil', key, token, granted, stored, ttl: 60_000 };
}

/** The server's time goes on meanwhile. */
function minutes(milliseconds: number): number {
  return milliseconds < 0 ? -1 : Math.round(milliseconds / 60_000);
}

function rounded(answer: unknown): unknown {
  if (!Array.isArray(answer)) return answer;
  return answer.map((each) =>
    typeof each === 'object' && each !== null && 'remaining' in each
      ? { ...each, remaining: minutes(Number(each.remaining)) }
      : each,
  );
}
