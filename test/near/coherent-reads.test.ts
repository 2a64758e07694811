import { beforeEach, describe, expect, test } from 'vitest';
import type { OptionsInput, Understudy } from '../../src/index.ts';
import { SuiteRedis, understudies } from '../cache/systems.ts';
import { nearValue, untilTrusted } from './near-systems.ts';

const redis = new SuiteRedis();
const start = understudies();

/** May do all it takes but ask the server to track. */
const UNTRACKED = ['reset', 'on', '>canary', '~*', '&*', '+@all', '-client|tracking'];

beforeEach(() => redis.call('ACL', 'SETUSER', 'untracked', ...UNTRACKED));

const near = { near: { staleness: '5s' } } as const;
const WAYS: readonly [mode: string, options: () => OptionsInput][] = [
  ['tracking', () => ({ ...redis.options, ...near })],
  [
    'pubsub',
    () => ({
      ...redis.options,
      ...near,
      redis: { ...redis.options.redis, username: 'untracked', password: 'canary' },
    }),
  ],
];

describe.each(WAYS)('by %s', (mode, options) => {
  async function startNear(changed: OptionsInput = {}): Promise<Understudy> {
    const understudy = await start({ ...options(), ...changed });
    await untilTrusted(understudy);
    return understudy;
  }

  /** A reader whose memory answers the key, and a process without near reads that changes it. */
  async function pair(value: unknown): Promise<[reader: Understudy, writer: Understudy]> {
    const [reader, writer] = [await startNear(), await start(redis.options)];
    await writer.cache.set('k', value);
    expect(await nearValue(reader, 'k')).toEqual(value);
    return [reader, writer];
  }

  test('health says how changes are heard of', async () => {
    const understudy = await startNear();
    expect((await understudy.health()).near).toMatchObject({ mode, trusted: true });
    expect(await understudy.ask({ type: 'coherence.status' })).toMatchObject({
      mode,
      staleness: 5_000,
      gaps: 0,
    });
  });

  test('what was read once is answered from memory, in every form, without asking Redis', async () => {
    const [{ cache }] = await pair({ a: [1] });
    await redis.resetCalls();
    expect(await cache.get('k')).toEqual({ a: [1] });
    expect(await cache.has('k')).toBe(true);
    expect(await cache.find('k')).toMatchObject({ tier: 'memory', degraded: false });
    expect(await cache.getMany(['k'])).toEqual(new Map([['k', { a: [1] }]]));
    expect(await cache.getOrSet('k', () => 'loaded')).toEqual({ a: [1] });
    expect(await redis.calls()).not.toHaveProperty('mget');
  });

  const CHANGES: readonly [name: string, change: (writer: Understudy) => Promise<unknown>, after: unknown][] =
    [
      ['a set', ({ cache }) => cache.set('k', 2), 2],
      [
        'a batch of sets',
        ({ cache }) =>
          cache.setMany([
            ['other', 1],
            ['k', 2],
          ]),
        2,
      ],
      ['a delete', ({ cache }) => cache.delete('k'), undefined],
      ['an increment', ({ cache }) => cache.increment('k', 4), 5],
      ['a clearing', ({ cache }) => cache.clear('k'), undefined],
      ['a load', async ({ cache }) => [await cache.delete('k'), await cache.getOrSet('k', () => 7)], 7],
    ];
  test.each(CHANGES)('%s of another process is seen', async (_name, change, after) => {
    const [reader, writer] = await pair(1);
    await change(writer);
    await expect.poll(() => reader.cache.get('k'), { interval: 1 }).toEqual(after);
    expect(await reader.cache.get('k')).toEqual(after);
  });

  test('a touch of another process keeps what it touches from expiring here', async () => {
    const [reader, writer] = await pair(1);
    const { invalidations } = await reader.ask({ type: 'coherence.status' });
    await writer.cache.touch('k', '2h');
    await expect
      .poll(async () => (await reader.ask({ type: 'coherence.status' })).invalidations)
      .toBeGreaterThan(invalidations);
    expect(await reader.cache.find('k')).toMatchObject({ value: 1, tier: 'redis' });
    expect(await nearValue(reader, 'k')).toBe(1);
  });

  test('this process answers what it has just written, and never anything older', async () => {
    const [{ cache }, writer] = await pair(0);
    for (let n = 1; n <= 200; n++) {
      const written = cache.set('k', n);
      expect(await cache.get('k')).toBe(n);
      await written;
      expect(await cache.get('k')).toBe(n);
    }
    expect(await cache.increment('k')).toBe(201);
    const added = cache.increment('k');
    expect(await cache.get('k')).toBe(202);
    await added;
    await cache.delete('k');
    expect(await cache.get('k')).toBeUndefined();
    expect(await writer.cache.get('k')).toBeUndefined();
  });

  test('a read behind an increment or a touch sees it, though memory answered the key before', async () => {
    const [reader] = await pair(1);
    const added = reader.cache.increment('k');
    expect(await reader.cache.get('k')).toBe(2);
    await added;
    expect(await nearValue(reader, 'k')).toBe(2);
    const touched = reader.cache.touch('k', '2h');
    expect(await reader.cache.find('k')).toMatchObject({ value: 2, tier: 'redis' });
    expect(await touched).toBe(true);
  });

  test('what this process wrote last is answered from memory, as soon as it is known to be last', async () => {
    const [reader] = await pair(0);
    await reader.cache.set('k', 1);
    expect(await nearValue(reader, 'k')).toBe(1);
  });

  test('two that write by turns agree in the end, and with Redis', async () => {
    const [one, other] = [await startNear(), await startNear()];
    for (let round = 0; round < 40; round++) {
      await Promise.all([one.cache.set('k', round), other.cache.set('k', -round), one.cache.get('k')]);
      const stored = String(await redis.call('GET', 'understudy:k'));
      const value: unknown = JSON.parse(stored).value;
      await expect.poll(() => one.cache.get('k'), { interval: 1 }).toBe(value);
      await expect.poll(() => other.cache.get('k'), { interval: 1 }).toBe(value);
    }
  });

  test('keys outside of the prefixes are asked of Redis', async () => {
    const { prefixes, ...system } = { prefixes: ['user:', 'user:1', '~{odd}'], ...near };
    const { cache } = await startNear({ near: { ...system.near, prefixes } });
    await cache.setMany([
      ['user:1', 1],
      ['~{odd}', 2],
      ['other', 3],
    ]);
    const understudy = { cache } as Understudy;
    expect(await nearValue(understudy, 'user:1')).toBe(1);
    expect(await nearValue(understudy, '~{odd}')).toBe(2);
    for (let n = 0; n < 5; n++) expect(await cache.find('other')).toMatchObject({ value: 3, tier: 'redis' });
  });
});

test('what somebody else writes to Redis, deletes there, or flushes, is seen by tracking', async () => {
  const understudy = await start({ ...redis.options, ...near });
  await untilTrusted(understudy);
  await understudy.cache.set('k', 1);
  expect(await nearValue(understudy, 'k')).toBe(1);
  await redis.call('SET', 'understudy:k', '2');
  await expect.poll(() => understudy.cache.get('k'), { interval: 1 }).toBe(2);
  expect(await nearValue(understudy, 'k')).toBe(2);
  await redis.call('DEL', 'understudy:k');
  await expect.poll(() => understudy.cache.get('k'), { interval: 1 }).toBeUndefined();
  await understudy.cache.set('k', 3);
  expect(await nearValue(understudy, 'k')).toBe(3);
  await redis.call('FLUSHALL');
  await expect.poll(() => understudy.cache.get('k'), { interval: 1 }).toBeUndefined();
});

test('where changes are announced, what somebody else writes is seen after memory.foreignTtl', async () => {
  const [, options] = WAYS[1] ?? WAYS[0] ?? [];
  const understudy = await start({ ...options?.(), near: { staleness: 200 }, memory: { foreignTtl: 300 } });
  await untilTrusted(understudy);
  await understudy.cache.set('k', 1);
  expect(await nearValue(understudy, 'k')).toBe(1);
  await redis.call('SET', 'understudy:k', '2');
  await expect.poll(() => understudy.cache.get('k'), { timeout: 5_000 }).toBe(2);
});

test('nobody announces what nobody listens for', async () => {
  const understudy = await start({ ...redis.options, ...near });
  await untilTrusted(understudy);
  const published = async (): Promise<number> => (await redis.calls()).publish ?? 0;
  await redis.call('CONFIG', 'RESETSTAT');
  const writes = 20;
  for (let n = 0; n < writes; n++) await understudy.cache.set('k', n);
  // The heartbeats of one system, and nothing for any write.
  expect(await published()).toBeLessThan(writes);
});
