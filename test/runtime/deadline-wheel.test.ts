import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeadlineWheel } from '../../src/runtime/deadline-wheel.ts';
import { Envelope } from '../../src/runtime/envelope.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

/** The longest that a deadline may be late. */
const TICK = 8;

class Waiting {
  readonly envelope: Envelope;
  expiredAt: number | undefined;

  constructor(wheel: DeadlineWheel, clock: VirtualClock, deadline: number) {
    this.envelope = new Envelope(
      { type: 'a.b' },
      undefined,
      () => {},
      () => {
        this.expiredAt = clock.monotonic();
      },
    );
    this.envelope.deadline = deadline;
    this.envelope.custodian = { settled: (envelope) => wheel.remove(envelope) };
    wheel.add(this.envelope);
  }
}

const patience = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 0, max: 3_000 }),
  fc.double({ min: 0, max: 600, noNaN: true }),
  fc.constantFrom(0, 512, 511.999, 1_024, Number.POSITIVE_INFINITY),
);

const step = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), patiences: fc.array(patience, { maxLength: 60 }) }),
  fc.record({ kind: fc.constant('answer' as const), every: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ kind: fc.constant('advance' as const), by: fc.double({ min: 0, max: 700, noNaN: true }) }),
  fc.record({ kind: fc.constant('stall' as const), by: fc.integer({ min: 0, max: 2_000 }) }),
);

test('whatever waits expires at its deadline, never before and at most a tick after', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const clock = new VirtualClock();
      const wheel = new DeadlineWheel(clock);
      const all: Waiting[] = [];
      let stalledUntil = 0;
      for (const each of steps) {
        if (each.kind === 'add') {
          for (const wait of each.patiences) all.push(new Waiting(wheel, clock, clock.monotonic() + wait));
        } else if (each.kind === 'answer') {
          for (let at = 0; at < all.length; at += each.every) all[at]?.envelope.reply(undefined);
        } else if (each.kind === 'stall') {
          clock.stall(each.by);
          stalledUntil = clock.monotonic();
          await clock.advance(0);
        } else await clock.advance(each.by);

        const now = clock.monotonic();
        for (const { envelope, expiredAt } of all) {
          if (expiredAt !== undefined) {
            expect(expiredAt).toBeGreaterThanOrEqual(envelope.deadline);
            expect(expiredAt).toBeLessThanOrEqual(Math.max(envelope.deadline, stalledUntil) + TICK);
          } else if (envelope.open) expect(envelope.deadline + TICK).toBeGreaterThanOrEqual(now);
        }
        expect(wheel.size).toBe(all.filter(({ envelope }) => envelope.open).length);
      }
    }),
    { numRuns: 200 },
  );
});

test('thousands of deadlines at once: all expire, in their time', async () => {
  const clock = new VirtualClock();
  const wheel = new DeadlineWheel(clock);
  const all = Array.from({ length: 20_000 }, (_, at) => new Waiting(wheel, clock, (at * 7_919) % 2_000));
  all
    .filter((_, at) => at % 3 === 0)
    .forEach(({ envelope }) => {
      envelope.reply(undefined);
    });
  await clock.advance(2_000 + TICK);
  expect(wheel.size).toBe(0);
  const late = all.filter(
    ({ envelope, expiredAt }, at) =>
      at % 3 !== 0 &&
      (expiredAt === undefined || expiredAt < envelope.deadline || expiredAt > envelope.deadline + TICK),
  );
  expect(late).toEqual([]);
});

test('what waits is listed in order of arrival, whatever its deadline', () => {
  const clock = new VirtualClock();
  const wheel = new DeadlineWheel(clock);
  const all = [900, 5, Number.POSITIVE_INFINITY, 5, 100].map(
    (deadline) => new Waiting(wheel, clock, deadline),
  );
  expect(wheel.waiting()).toEqual(all.map(({ envelope }) => envelope));
});

test('no timer is set while nothing waits, nor after stop', async () => {
  const clock = new VirtualClock();
  const wheel = new DeadlineWheel(clock);
  expect(clock.pending).toBe(0);
  new Waiting(wheel, clock, 20).envelope.reply(undefined);
  await clock.advance(50);
  expect(clock.pending).toBe(0);
  const waiting = new Waiting(wheel, clock, 1_000);
  expect(clock.pending).toBe(1);
  wheel.stop();
  expect(clock.pending).toBe(0);
  expect(waiting.envelope.open).toBe(true);
});

test('an expiry may add and settle others while the wheel turns', async () => {
  const clock = new VirtualClock();
  const wheel = new DeadlineWheel(clock);
  const other = new Waiting(wheel, clock, 10);
  const first = new Waiting(wheel, clock, 10);
  let added: Waiting | undefined;
  first.envelope.lateness = {
    late: () => {
      other.envelope.reply(undefined);
      added = new Waiting(wheel, clock, clock.monotonic());
      first.envelope.reply(undefined);
    },
  };
  await clock.advance(100);
  expect([other.expiredAt, first.expiredAt, wheel.size]).toEqual([undefined, undefined, 0]);
  expect(added?.expiredAt).toBeDefined();
});
