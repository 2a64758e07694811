import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { LeaseAnswer, LeaseRequest } from '../../../src/tiers/lease.ts';
import { encodeStored, readValue } from '../../../src/wire/stored.ts';
import type { RemoteUnderTest } from '../tier-under-test.ts';

type Lending = Omit<RemoteUnderTest, 'timeLeft'>;

/** What every tier behind a connection does with leases. */
export function sharesLeases(start: () => Promise<Lending>): void {
  let under: Lending;
  beforeAll(async () => {
    under = await start();
  });
  beforeEach(() => under.clear());
  afterAll(() => under?.stop());

  const ask = async (request: LeaseRequest): Promise<LeaseAnswer> => {
    const [answer] = await under.tier.lease([request]);
    if (answer === undefined) throw new Error('expected an answer');
    return answer;
  };
  const take = (key: string, token: string, ttl = 10_000) => ask({ op: 'take', key, token, ttl });
  const setOf = (key: string, value: unknown, version = under.time.next()) => {
    const stored = encodeStored(version, under.time.now(), under.time.now() + 60_000, JSON.stringify(value));
    return { op: 'set', key, version, ttl: 60_000, stored } as const;
  };
  const fulfil = (key: string, token: string, value: unknown, granted = true, version = under.time.next()) =>
    ask({ op: 'fulfil', key, token, granted, ttl: 60_000, stored: setOf(key, value, version).stored });
  const value = async (key: string): Promise<unknown> => {
    const [stored] = await under.tier.read([key]);
    return typeof stored === 'string' ? readValue(stored) : undefined;
  };

  test('it is granted to one, and the others are told for how long', async () => {
    expect(await take('k', 'first')).toEqual({ status: 'granted' });
    const held = await take('k', 'second');
    expect(held).toEqual({ status: 'held', remaining: expect.any(Number) });
    expect(held.status === 'held' && held.remaining > 5_000 && held.remaining <= 10_000).toBe(true);
    expect(await fulfil('k', 'second', 'stolen')).toEqual({ status: 'void' });
    expect(await fulfil('k', 'first', 'loaded')).toEqual({ status: 'stored' });
    expect(await fulfil('k', 'first', 'twice')).toEqual({ status: 'void' });
    expect(await value('k')).toBe('loaded');
    expect(await take('k', 'third')).toMatchObject({ status: 'present' });
  });

  test('a look takes nothing', async () => {
    const look = { op: 'look', key: 'k', token: 'none', ttl: 10_000 } as const;
    expect(await ask(look)).toEqual({ status: 'granted' });
    expect(await take('k', 'first')).toEqual({ status: 'granted' });
    expect(await ask(look)).toMatchObject({ status: 'held' });
  });

  test('given back it goes to the next; by somebody else it cannot be given back', async () => {
    await take('k', 'first');
    await ask({ op: 'release', key: 'k', token: 'other' });
    expect(await take('k', 'second')).toMatchObject({ status: 'held' });
    await ask({ op: 'release', key: 'k', token: 'first' });
    expect(await take('k', 'second')).toEqual({ status: 'granted' });
  });

  test('it lapses', async () => {
    await take('k', 'first', 20);
    await under.elapse(20);
    await expect.poll(() => take('k', 'second')).toEqual({ status: 'granted' });
    expect(await fulfil('k', 'first', 'late')).toEqual({ status: 'void' });
  });

  test('what was changed since is not overwritten, and the lease goes to the next', async () => {
    for (const key of ['set', 'deleted', 'touched']) await take(key, 'first');
    await under.tier.write([
      setOf('set', 'newer'),
      { op: 'delete', key: 'deleted', version: under.time.next() },
    ]);
    await under.tier.write([
      {
        op: 'touch',
        key: 'touched',
        version: under.time.next(),
        ttl: 60_000,
        fresh: under.time.now() + 60_000,
      },
    ]);
    expect(await take('deleted', 'second')).toEqual({ status: 'granted' });
    const outcomes: LeaseAnswer[] = [];
    for (const key of ['set', 'deleted', 'touched']) outcomes.push(await fulfil(key, 'first', 'loaded'));
    expect(outcomes.map(({ status }) => status)).toEqual(['void', 'void', 'stored']);
    expect(await value('set')).toBe('newer');
    expect(await fulfil('deleted', 'second', 'loaded')).toEqual({ status: 'stored' });
  });

  test('a late deletion voids it too, if it is the newest', async () => {
    const earlier = under.time.next();
    await under.tier.write([{ op: 'delete', key: 'k', version: under.time.next() }]);
    await take('k', 'first');
    await under.tier.replay([{ op: 'delete', key: 'k', version: earlier }]);
    expect(await fulfil('k', 'first', 'loaded')).toEqual({ status: 'stored' });
    await under.tier.write([{ op: 'delete', key: 'k', version: under.time.next() }]);
    await take('k', 'second');
    await under.tier.replay([{ op: 'delete', key: 'k', version: under.time.next() }]);
    expect(await fulfil('k', 'second', 'loaded')).toEqual({ status: 'void' });
  });

  test('one that was granted without Redis stores where there is nothing newer', async () => {
    const version = under.time.next();
    expect(await fulfil('nothing', 'alone', 'loaded', false, version)).toEqual({ status: 'stored' });
    await under.tier.write([
      setOf('newer', 'newer'),
      { op: 'delete', key: 'gone', version: under.time.next() },
    ]);
    expect(await fulfil('newer', 'alone', 'loaded', false, version)).toEqual({ status: 'void' });
    expect(await fulfil('gone', 'alone', 'loaded', false, version)).toEqual({ status: 'void' });
    expect([await value('newer'), await value('gone')]).toEqual(['newer', undefined]);
    expect(await fulfil('newer', 'alone', 'later', false)).toEqual({ status: 'stored' });
  });

  test('a batch is answered in its order, wherever its keys are', async () => {
    const keys = Array.from({ length: 200 }, (_, at) => `key ${at}`);
    await under.tier.lease(
      keys.filter((_, at) => at % 2).map((key) => ({ op: 'take', key, token: 'a', ttl: 9_000 })),
    );
    const token = randomUUID();
    const answers = await under.tier.lease(keys.map((key) => ({ op: 'take', key, token, ttl: 9_000 })));
    expect(answers.map(({ status }) => status)).toEqual(keys.map((_, at) => (at % 2 ? 'held' : 'granted')));
  });

  test('keys that are leased are found by their prefix, and are no keys', async () => {
    const keys = ['user:1', 'user:2', 'user:{3}', '~user:4', 'other'];
    for (const key of keys) await take(key, 'first');
    const scanned = async (from: string, leased: boolean): Promise<string[]> => {
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await (leased
          ? under.tier.scanLeases(from, cursor, 10)
          : under.tier.scan(from, cursor, 10));
        found.push(...page.keys);
        cursor = page.cursor;
      } while (cursor !== undefined);
      return found.sort();
    };
    expect(await scanned('user:', true)).toEqual(['user:1', 'user:2', 'user:{3}']);
    expect(await scanned('user:{', true)).toEqual(['user:{3}']);
    expect(await scanned('~', true)).toEqual(['~user:4']);
    expect(await scanned('', true)).toEqual([...keys].sort());
    expect(await scanned('', false)).toEqual([]);
  });
}
