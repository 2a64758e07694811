import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { folded } from '../../../actors/cache/fold.ts';
import { deltasOf } from '../../../src/tiers/deltas.ts';
import type { Write } from '../../../src/tiers/tier.ts';
import { Changes } from '../changes.ts';
import { type RemoteUnderTest, valuesOf } from '../tier-under-test.ts';

type Counting = Omit<RemoteUnderTest, 'elapse' | 'clear'>;
type Increment = Extract<Write, { op: 'increment' }>;

/** What every tier behind a connection does with increments whose outcome nobody heard of. */
export function countsOnce(start: () => Promise<Counting>): void {
  let under: Counting;
  let run = 0;
  beforeAll(async () => {
    under = await start();
  });
  afterAll(() => under?.stop());
  const changes = () => new Changes(under.time);
  const fresh = () => `counter ${++run}`;
  const sent = (write: Increment, receipt = `test:${++run}`): Increment => ({ ...write, receipt });
  const held = async (key: string) => (await valuesOf(under.tier, [key]))[0];

  test('an increment that was made is not made again when it is replayed, whatever happened since', async () => {
    const key = fresh();
    const lost = sent(changes().increment(key, 5));
    await under.tier.write([lost]);
    await under.tier.write([changes().increment(key, 100), changes().touch(key)]);
    expect(await under.tier.replay([lost])).toEqual([{ status: 'done' }]);
    expect(await held(key)).toBe(105);
  });

  test('an increment that was not made is made once, however often it is replayed', async () => {
    const key = fresh();
    const lost = sent(changes().increment(key, 5));
    await under.tier.write([changes().increment(key, 100)]);
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await under.tier.replay([lost])).toEqual([{ status: 'done' }]);
      await under.tier.write([changes().increment(key, 1)]);
    }
    expect(await held(key)).toBe(108);
  });

  test('a batch that arrives after its replay makes nothing of it again, and the rest of itself', async () => {
    const [key, other] = [fresh(), fresh()];
    const receipt = `test:${++run}`;
    const replayed = sent(changes().increment(key, 5), receipt);
    const not = sent(changes().increment(other, 7), receipt);
    await under.tier.replay([replayed]);
    await under.tier.write([replayed, not, changes().set(fresh(), 'x')]);
    expect(await valuesOf(under.tier, [key, other])).toEqual([5, 7]);
    await under.tier.replay([replayed, not]);
    expect(await valuesOf(under.tier, [key, other])).toEqual([5, 7]);
  });

  test('of an increment that grew, only the parts that were not made are made', async () => {
    const key = fresh();
    const [first, second, third] = [1, 10, 100].map((by) => sent(changes().increment(key, by)));
    if (first === undefined || second === undefined || third === undefined) throw new Error('three');
    await under.tier.write([second]);
    const now = under.time.now();
    const grown = [second, third, changes().increment(key, 1_000)].reduce<Write>(
      (sum, next) => folded(sum, next, now),
      first,
    );
    expect(await under.tier.replay([grown])).toEqual([{ status: 'done' }]);
    expect(await held(key)).toBe(1_111);
    expect(await under.tier.replay([grown])).toEqual([{ status: 'done' }]);
    await under.tier.write([third]);
    await under.tier.write([first]);
    expect(await held(key)).toBe(1_111);
  });

  test('a receipt that is used again says nothing of the batch before', async () => {
    const [key, receipt] = [fresh(), `test:${++run}`];
    await under.tier.write([sent(changes().increment(key, 1), receipt)]);
    const unsent = sent(changes().increment(key, 2), receipt);
    await under.tier.write([sent(changes().increment(key, 4), receipt)]);
    await under.tier.replay([unsent]);
    expect(await held(key)).toBe(7);
  });

  test('what was touched and incremented is both, in one change', async () => {
    const [present, none, text, last] = [fresh(), fresh(), fresh(), fresh()];
    await under.tier.write([changes().set(present, 1, 60_000), changes().set(text, 'text', 60_000)]);
    const touchedFirst = (key: string): Write =>
      folded(changes().touch(key, 600_000), changes().increment(key, 5, 300_000), under.time.now());
    const touchedLast = folded(
      changes().increment(last, 5, 300_000),
      changes().touch(last, 600_000),
      under.time.now(),
    );
    const outcomes = await under.tier.replay([...[present, none, text].map(touchedFirst), touchedLast]);
    expect(outcomes.map(({ status }) => status)).toEqual(['done', 'done', 'not-a-number', 'done']);
    expect(await valuesOf(under.tier, [present, none, last])).toEqual([6, 5, 5]);
    expect(await under.timeLeft(present)).toBeGreaterThan(500_000);
    expect(await under.timeLeft(none)).toBeLessThanOrEqual(300_000);
    expect(await under.timeLeft(last)).toBeGreaterThan(500_000);
    expect(await held(text)).toBe('text');
    expect(await under.timeLeft(text)).toBeGreaterThan(500_000);
  });

  test('what was touched and expired before its replay is over, and what was added after that began anew', async () => {
    const [before, after] = [fresh(), fresh()];
    await under.tier.write([changes().set(before, 1), changes().set(after, 1)]);
    const now = under.time.now();
    const ago = (write: Write, milliseconds: number): Write =>
      'fresh' in write ? { ...write, fresh: now - milliseconds } : write;
    const anew = folded(ago(changes().touch(after), 10), changes().increment(after, 5), now);
    // As of a time when the touch is over and the counter that the increment would have begun is not.
    const increment = changes().increment(before, 5);
    const later = { ...increment, touched: now + 60_000, fresh: now + 120_000, ttl: 60_000 };
    expect(await under.tier.replay([later, anew])).toEqual([{ status: 'done' }, { status: 'done' }]);
    expect(await valuesOf(under.tier, [before, after])).toEqual([undefined, 5]);
  });

  /** Deliveries of a few batches: each may arrive or not, before or after replays of it, all in any order. */
  test('however batches and replays of them arrive, each increment counts once', async () => {
    const amounts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });
    const arrivals = fc.array(fc.record({ of: fc.nat(5), late: fc.boolean() }), { maxLength: 14 });
    await fc.assert(
      fc.asyncProperty(amounts, arrivals, async (bys, order) => {
        const key = fresh();
        const each = bys.map((by) => sent(changes().increment(key, by)));
        const delivered = new Set<Write>();
        for (const { of, late } of order) {
          const write = each[of];
          if (write === undefined) continue;
          if (late) await under.tier.replay([write]);
          else if (!delivered.has(write)) {
            // A batch is sent once.
            delivered.add(write);
            await under.tier.write([write]);
          }
        }
        const now = under.time.now();
        const whole = each.reduce<Write>(
          (sum, next) => (sum === next ? sum : folded(sum, next, now)),
          each[0] as Write,
        );
        await under.tier.replay([whole]);
        expect(await held(key)).toBe(bys.reduce((sum, by) => sum + by, 0));
        expect(whole.op === 'increment' && deltasOf(whole)).toHaveLength(bys.length);
      }),
      { numRuns: 60 },
    );
  });
}
