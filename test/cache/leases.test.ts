import { beforeEach, describe, expect, test } from 'vitest';
import type { Leased, Understudy } from '../../src/index.ts';
import { SuiteRedis, understudies } from './systems.ts';

const redis = new SuiteRedis();
const start = understudies();

describe.each([
  ['memory only', 'memory', () => ({})],
  ['with Redis', 'redis', () => redis.options],
] as const)('%s', (_name, tier, options) => {
  let understudy: Understudy;
  beforeEach(async () => {
    understudy = await start(options());
  });

  async function acquired(key: string): Promise<Leased> {
    const answer = await understudy.ask({ type: 'cache.acquire', key });
    if (answer.found || !('lease' in answer)) throw new Error('expected a lease');
    return answer;
  }

  test('the first to ask for nothing gets a lease, and knows for how long', async () => {
    expect(await acquired('a')).toEqual({
      found: false,
      lease: expect.any(String),
      leaseFor: 30_000,
      tier,
      degraded: false,
    });
    expect((await understudy.ask({ type: 'cache.stats' })).leases).toBe(1);
  });

  test('what is there is answered, without a lease', async () => {
    await understudy.cache.set('a', 1);
    expect(await understudy.ask({ type: 'cache.acquire', key: 'a' })).toMatchObject({
      found: true,
      value: 1,
      tier,
    });
    expect((await understudy.ask({ type: 'cache.stats' })).leases).toBe(0);
  });

  test('who fulfils it stores the value for itself and for all who wait', async () => {
    const { lease } = await acquired('a');
    const waiting = understudy.ask({ type: 'cache.acquire', key: 'a' });
    const reply = await understudy.ask({ type: 'cache.fulfil', key: 'a', lease, value: 'loaded', ttl: '1m' });
    expect(reply).toMatchObject({ stored: true, tier, durable: tier === 'redis' });
    expect(await waiting).toMatchObject({ found: true, value: 'loaded' });
    expect(await understudy.cache.get('a')).toBe('loaded');
    expect((await understudy.ask({ type: 'cache.stats' })).leases).toBe(0);
  });

  test('fulfilled without a value, all who wait learn that there is none', async () => {
    const { lease } = await acquired('a');
    const waiting = understudy.ask({ type: 'cache.acquire', key: 'a' });
    expect(await understudy.ask({ type: 'cache.fulfil', key: 'a', lease })).toMatchObject({ stored: false });
    const answer = await waiting;
    expect(answer).toMatchObject({ found: false });
    expect(answer).not.toHaveProperty('lease');
  });

  test('given back without a reason, one who waits gets it, and the others wait for that one', async () => {
    const { lease } = await acquired('a');
    const waiting = [1, 2, 3].map(() => understudy.ask({ type: 'cache.acquire', key: 'a' }));
    expect(await understudy.ask({ type: 'cache.abandon', key: 'a', lease })).toEqual({ abandoned: true });
    const next = (await Promise.race(waiting)) as Leased;
    expect(next.lease).not.toBe(lease);
    await understudy.ask({ type: 'cache.fulfil', key: 'a', lease: next.lease, value: 1 });
    const answers = await Promise.all(waiting);
    expect(answers.filter((answer) => 'lease' in answer)).toEqual([next]);
    expect(answers.filter(({ found }) => found)).toHaveLength(2);
  });

  test('a value that cannot be stored leaves the holder its lease', async () => {
    const { lease } = await acquired('a');
    const unfit = understudy.ask({ type: 'cache.fulfil', key: 'a', lease, value: Symbol('s') });
    await expect(unfit).rejects.toMatchObject({ code: 'INVALID_VALUE' });
    expect(await understudy.ask({ type: 'cache.fulfil', key: 'a', lease, value: 1 })).toMatchObject({
      stored: true,
    });
  });

  test.each([
    ['a deletion', () => understudy.cache.delete('a')],
    ['a write', () => understudy.cache.set('a', 'written')],
    ['an increment', () => understudy.cache.increment('a')],
    ['a clear of its prefix', () => understudy.cache.clear('a')],
  ])('%s voids it', async (_what, change) => {
    const { lease } = await acquired('a');
    await change();
    const left = await understudy.cache.get('a');
    expect(await understudy.ask({ type: 'cache.fulfil', key: 'a', lease, value: 'outdated' })).toMatchObject({
      stored: false,
    });
    expect(await understudy.cache.get('a')).toEqual(left);
  });

  test.each([
    ['a change of another key', () => understudy.cache.delete('b')],
    ['a touch', () => understudy.cache.touch('a')],
    ['a clear of another prefix', () => understudy.cache.clear('b')],
  ])('%s does not', async (_what, change) => {
    const { lease } = await acquired('a');
    await change();
    expect(await understudy.ask({ type: 'cache.fulfil', key: 'a', lease, value: 1 })).toMatchObject({
      stored: true,
    });
  });

  test('a lease ends once, and opens no other key', async () => {
    const { lease } = await acquired('a');
    expect(await understudy.ask({ type: 'cache.fulfil', key: 'b', lease, value: 1 })).toMatchObject({
      stored: false,
    });
    await understudy.ask({ type: 'cache.fulfil', key: 'a', lease, value: 1 });
    expect(await understudy.ask({ type: 'cache.fulfil', key: 'a', lease, value: 2 })).toMatchObject({
      stored: false,
    });
    expect(await understudy.ask({ type: 'cache.abandon', key: 'a', lease })).toEqual({ abandoned: false });
    expect([await understudy.cache.get('a'), await understudy.cache.has('b')]).toEqual([1, false]);
  });

  test('a waiter whose deadline passes is told, and the lease stays', async () => {
    const { lease } = await acquired('a');
    const waiting = understudy.ask({ type: 'cache.acquire', key: 'a' }, { deadline: 20 });
    await expect(waiting).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(await understudy.ask({ type: 'cache.fulfil', key: 'a', lease, value: 1 })).toMatchObject({
      stored: true,
    });
  });
});
