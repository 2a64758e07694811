import { beforeEach, describe, expect, test, vi } from 'vitest';
import { BulkLoads } from '../../actors/cache/bulk-loads.ts';
import { Journal } from '../../actors/cache/journal.ts';
import { LeaseTable } from '../../actors/cache/lease-table.ts';
import { Loads } from '../../actors/cache/loads.ts';
import { Reads } from '../../actors/cache/reads.ts';
import { Tally } from '../../actors/cache/tally.ts';
import type { Found, Held, Leased, NotFound, Understudy } from '../../src/index.ts';
import { KeyEventBus } from '../../src/runtime/key-events.ts';
import { Instruments } from '../../src/telemetry/instruments.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { MemoryTier } from '../../src/tiers/memory.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { Values } from '../../src/wire/values.ts';
import { SuiteRedis, understudies } from './systems.ts';

const redis = new SuiteRedis();
const start = understudies();

const leasesIn = (answers: readonly (Found | Leased | Held | NotFound)[]): string[] =>
  answers.flatMap((answer) => ('lease' in answer ? [answer.lease] : []));

describe.each([
  ['memory only', () => ({}), { tier: 'memory', degraded: false }],
  ['with Redis', () => redis.options, { tier: 'redis', degraded: false }],
  [
    'with Redis out',
    () => ({ redis: { url: 'redis://127.0.0.1:1' }, deadline: 10_000 }),
    { tier: 'memory', degraded: true },
  ],
] as const)('%s', (_name, options, source) => {
  let understudy: Understudy;
  beforeEach(async () => {
    understudy = await start({ ...options(), load: { concurrency: 1, queue: 1 } });
  });
  const acquire = (keys: string[], lease?: string) =>
    understudy.ask({ type: 'cache.acquireMany', keys, lease });

  /** What was asked before has been looked up by then. */
  const looked = () => understudy.cache.get('anything');

  test('it answers in the order asked for: values, leases, and what others hold', async () => {
    await understudy.cache.set('there', 1);
    const first = await acquire(['a']);
    const answers = await acquire(['there', 'a', 'there']);
    expect(first).toMatchObject([{ found: false, lease: expect.any(String), leaseFor: 30_000, ...source }]);
    const found = { found: true, value: 1 };
    expect(answers).toMatchObject([
      found,
      { found: false, held: true, tier: 'memory', degraded: source.degraded },
      found,
    ]);
    expect(await acquire([])).toEqual([]);
  });

  test('with a lease that the asker holds, more keys are one load with it; without, they wait for a slot', async () => {
    const [lease = ''] = leasesIn(await acquire(['a', 'b']));
    const more = leasesIn(await acquire(['c', 'd'], lease));
    expect(more).toHaveLength(2);
    const queued = acquire(['e']);
    const refused = acquire(['f']);
    await expect(refused).rejects.toMatchObject({ code: 'LOADS_EXHAUSTED' });
    await expect(acquire(['g'], 'the lease of nobody')).rejects.toMatchObject({ code: 'LOADS_EXHAUSTED' });
    let answered = false;
    queued.then(
      () => {
        answered = true;
      },
      () => {},
    );
    await understudy.cache.clear();
    expect(answered).toBe(false);
    for (const [at, key] of ['c', 'd'].entries())
      await understudy.ask({ type: 'cache.abandon', key, lease: more[at] ?? '' });
    await understudy.ask({ type: 'cache.abandon', key: 'a', lease });
    expect(answered).toBe(false);
    const { leases } = await understudy.ask({ type: 'cache.stats' });
    expect(leases).toBe(1);
  });

  test('one that is not answered in time leaves the queue, and keeps nothing', async () => {
    const [lease = ''] = leasesIn(await acquire(['a']));
    const late = understudy.ask({ type: 'cache.acquireMany', keys: ['b', 'c'] }, { deadline: 50 });
    await expect(late).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    const next = acquire(['b']);
    await understudy.ask({ type: 'cache.abandon', key: 'a', lease });
    expect(leasesIn(await next)).toHaveLength(1);
  });

  test('the patient wait for what others load, and are answered when all of it is there', async () => {
    const [a = '', b = ''] = leasesIn(await acquire(['a', 'b']));
    const asked = understudy.ask({ type: 'cache.acquireMany', keys: ['b', 'a', 'b'], patient: true });
    await understudy.ask({ type: 'cache.fulfil', key: 'a', lease: a, value: 1 });
    await understudy.ask({ type: 'cache.fulfil', key: 'b', lease: b });
    const answers = await asked;
    expect(answers).toMatchObject([{ found: false }, { found: true, value: 1 }, { found: false }]);
    expect(answers.some((answer) => 'held' in answer || 'lease' in answer)).toBe(false);
  });

  test('the patient are answered as soon as there is something for them to load, and are one load', async () => {
    const first = leasesIn(await acquire(['a', 'b', 'c']));
    const asked = understudy.ask({ type: 'cache.acquireMany', keys: ['a', 'b', 'c'], patient: true });
    await looked();
    for (const [at, key] of ['a', 'b'].entries())
      understudy.send({ type: 'cache.abandon', key, lease: first[at] ?? '' });
    // The one slot is still taken, by what loads the third.
    await looked();
    const third = { type: 'cache.abandon', key: 'c', lease: first[2] ?? '' } as const;
    await understudy.ask(third);
    const answers = await asked;
    expect(leasesIn(answers)).toHaveLength(3);
    expect(await understudy.ask({ type: 'cache.stats' })).toMatchObject({ leases: 3 });
  });

  test('the patient fail with the reason of who could not load', async () => {
    const [a = ''] = leasesIn(await acquire(['a', 'b']));
    const asked = understudy.ask({ type: 'cache.acquireMany', keys: ['a', 'b'], patient: true });
    const failed = expect(asked).rejects.toBe('no luck');
    await looked();
    await understudy.ask({ type: 'cache.abandon', key: 'a', lease: a, reason: 'no luck' });
    await failed;
  });

  test('more keys than one message may have, and what is no key, are refused', async () => {
    const many = Array.from({ length: 10_001 }, (_, at) => `key ${at}`);
    await expect(acquire(many)).rejects.toMatchObject({ code: 'INVALID_MESSAGE' });
    await expect(acquire(['a', ''])).rejects.toMatchObject({ code: 'INVALID_KEY' });
    expect(await understudy.ask({ type: 'cache.stats' })).toMatchObject({ leases: 0 });
  });
});

test('who asks for a key while Redis is asked for its lease waits for what comes of it', async () => {
  const understudy = await start(redis.options);
  const many = understudy.ask({ type: 'cache.acquireMany', keys: ['a', 'b'] });
  const single = understudy.cache.getOrSet('a', () => 'loaded by the single one');
  const [lease] = leasesIn(await many);
  // Whichever of the two came first has it.
  if (lease !== undefined && (await many)[0]?.found === false && 'lease' in ((await many)[0] ?? {}))
    await understudy.ask({ type: 'cache.fulfil', key: 'a', lease, value: 'loaded by many' });
  expect(await single).toMatch(/^loaded by (many|the single one)$/);
});

test('the patient wait for what other processes load, and load what those leave', async () => {
  const [here, there] = await Promise.all([start(redis.options), start(redis.options)]);
  const [a = '', b = ''] = leasesIn(await here.ask({ type: 'cache.acquireMany', keys: ['a', 'b'] }));
  const ask = () => there.ask({ type: 'cache.acquireMany', keys: ['a', 'b'], patient: true });
  const asked = ask();
  await here.ask({ type: 'cache.fulfil', key: 'a', lease: a, value: 1 });
  await here.ask({ type: 'cache.abandon', key: 'b', lease: b });
  const [, second] = await asked;
  expect(second).toMatchObject({ lease: expect.any(String) });
  expect(await there.cache.get('a')).toBe(1);
});

test('what another process holds is told as held elsewhere, and its lease here ends at once', async () => {
  const [here, there] = await Promise.all([start(redis.options), start(redis.options)]);
  const [lease = ''] = leasesIn(await here.ask({ type: 'cache.acquireMany', keys: ['a'] }));
  const answers = await there.ask({ type: 'cache.acquireMany', keys: ['a', 'b'] });
  expect(answers).toMatchObject([
    { found: false, held: true, tier: 'redis', degraded: false },
    { found: false, lease: expect.any(String), tier: 'redis' },
  ]);
  expect(await there.ask({ type: 'cache.stats' })).toMatchObject({ leases: 1 });
  await here.ask({ type: 'cache.fulfil', key: 'a', lease, value: 1 });
  expect(await there.ask({ type: 'cache.acquireMany', keys: ['a'] })).toMatchObject([
    { found: true, value: 1 },
  ]);
});

test.each([
  ['what cannot be read', ['SET', 'understudy:k', '{"understudy":1,"version":"cut']],
  ['something of another type', ['RPUSH', 'understudy:k', 'item']],
])('where there is %s, the lease is granted to replace it', async (_what, command) => {
  const { cache } = await start(redis.options);
  await redis.call(...command);
  const load = vi.fn(() => new Map([['k', 'loaded']]));
  expect(await cache.getOrSetMany(['k'], load)).toEqual(new Map([['k', 'loaded']]));
  expect(await cache.get('k')).toBe('loaded');
});

test('what a crashed actor had taken and told nobody of is free again', () => {
  const clock = new VirtualClock();
  const time = new HybridClock(clock);
  const leases = new LeaseTable(30_000);
  const state = {
    time,
    leases,
    values: new Values(),
    memory: new MemoryTier({ maxEntries: 10, maxBytes: 1e6, foreignTtl: 1_000, isolation: 'copy' }, time),
    journal: new Journal({ maxEntries: 10, maxBytes: 1e6 }, time),
    keyEvents: new KeyEventBus(() => {}),
    redisUp: false,
  };
  const group = { size: 0 };
  const terms = { version: '', shared: false, group };
  leases.grant('told', 0, { ...terms, token: 'one' }).told = true;
  leases.grant('untold', 0, { ...terms, token: 'two' });
  leases.grant('single', 0);
  expect(leases.loads).toBe(2);
  const reads = new Reads(state, new Tally(new Instruments(), clock));
  const loads = new Loads(state, reads, clock, { concurrency: 10, queue: 10 });
  expect(new BulkLoads(state, reads, loads.pursuits, clock)).toBeDefined();
  loads.stop();
  expect(leases.all().map(({ key }) => key)).toEqual(['told', 'single']);
  expect(leases.loads).toBe(2);
  leases.end('told', 'one');
  expect(leases.loads).toBe(1);
});
