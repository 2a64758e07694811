import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { HybridClock, shiftedVersion, VERSION_LENGTH } from '../../src/wire/hybrid-clock.ts';
import { SkewedClock } from '../clock/skewed-clock.ts';

const SHAPE = /^[0-9a-f]{12}-[0-9a-f]{4}-[0-9a-f]{8}$/;

const step = fc.oneof(
  fc.record({ kind: fc.constant('next' as const) }),
  fc.record({ kind: fc.constant('advance' as const), by: fc.nat(5) }),
  fc.record({ kind: fc.constant('jump' as const), by: fc.integer({ min: -100_000, max: 100_000 }) }),
  fc.record({ kind: fc.constant('correct' as const), by: fc.integer({ min: -50, max: 50 }) }),
  fc.record({ kind: fc.constant('observe' as const), by: fc.integer({ min: -50, max: 50 }) }),
);

test('every version is above all that were made or seen before, whatever the clocks do', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const virtual = new VirtualClock();
      const clock = new HybridClock(virtual, 'aaaaaaaa');
      let highest = '';
      clock.whenShifted((shift) => {
        highest = shiftedVersion(highest, shift);
      });
      for (const { kind, ...rest } of steps) {
        const by = 'by' in rest ? rest.by : 0;
        if (kind === 'advance') await virtual.advance(by);
        else if (kind === 'jump') virtual.jump(by);
        else if (kind === 'correct') clock.correct(clock.now() + by, 2);
        else if (kind === 'observe') {
          const seen = new HybridClock(new VirtualClock(clock.now() + by), 'ffffffff').next();
          clock.observe(seen);
          if (seen > highest) highest = seen;
        } else {
          const version = clock.next();
          expect(version).toMatch(SHAPE);
          expect(version > highest).toBe(true);
          highest = version;
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('versions compare as their times do', async () => {
  const virtual = new VirtualClock();
  const one = new HybridClock(virtual);
  const other = new HybridClock(virtual);
  for (let turn = 0; turn < 50; turn++) {
    const before = other.next();
    await virtual.advance(1);
    expect(one.next() > before).toBe(true);
  }
});

test('instances that make versions at the same time never make the same', () => {
  const virtual = new VirtualClock();
  const versions = ['00000001', '00000002', '00000003'].flatMap((instance) => {
    const clock = new HybridClock(virtual, instance);
    return Array.from({ length: 100 }, () => clock.next());
  });
  expect(new Set(versions).size).toBe(300);
  const [first, second] = ['00000001', '00000002'].map((instance) =>
    new HybridClock(virtual, instance).next(),
  );
  expect(String(first) < String(second)).toBe(true);
});

test('an instance is eight random hex digits, and a version has its fixed length', () => {
  const clock = new HybridClock(new VirtualClock());
  expect(clock.instance).toMatch(/^[0-9a-f]{8}$/);
  expect(new HybridClock(new VirtualClock()).instance).not.toBe(clock.instance);
  expect(clock.next()).toHaveLength(VERSION_LENGTH);
});

test('more versions in a millisecond than the counter can count run ahead of the time', () => {
  const clock = new HybridClock(new VirtualClock());
  let last = '';
  for (let count = 0; count < 70_000; count++) {
    const version = clock.next();
    if (version <= last || version.length !== VERSION_LENGTH) throw new Error(`${version} after ${last}`);
    last = version;
  }
  expect(Number.parseInt(last.slice(0, 12), 16)).toBe(clock.now() + 1);
});

test('the time of the server counts, half a round trip later, and only its own flow after that', async () => {
  const virtual = new VirtualClock();
  const clock = new HybridClock(virtual);
  const server = virtual.now() + 7_000;
  clock.correct(server, 10);
  expect(clock.now()).toBe(server + 5);
  virtual.jump(-86_400_000);
  await virtual.advance(1_500);
  expect(clock.now()).toBe(server + 5 + 1_500);
});

test.each(['', 'nonsense', '0', 'zzzzzzzzzzzz-zzzz-zzzzzzzz'])(
  'a version like %j is taken no note of',
  (garbage) => {
    const virtual = new VirtualClock();
    const clock = new HybridClock(virtual, 'aaaaaaaa');
    clock.observe(garbage);
    expect(clock.next()).toBe(new HybridClock(virtual, 'aaaaaaaa').next());
  },
);

test('a machine that knows no time at all makes times of 13 digits too', () => {
  const clock = new HybridClock(new VirtualClock(0));
  expect(String(clock.now())).toHaveLength(13);
});

test('what was made by a wrong clock moves, once, to where the time of the server puts it', async () => {
  for (const off of [-3_600_000, -60_000, 60_000, 3_600_000]) {
    const virtual = new VirtualClock();
    const right = new HybridClock(virtual, 'bbbbbbbb');
    const wrong = new HybridClock(new SkewedClock(virtual, off), 'aaaaaaaa');
    const made = wrong.next();
    await virtual.advance(10);
    const later = right.next();
    const moved: string[] = [];
    wrong.whenShifted((shift) => moved.push(shiftedVersion(made, shift), shiftedVersion(later, shift)));
    await virtual.advance(10);
    wrong.correct(virtual.now(), 0);
    expect(moved[0]?.slice(0, 12)).toBe((virtual.now() - 20).toString(16).padStart(12, '0'));
    expect(moved[1]).toBe(later);
    expect(String(moved[0]) < later && later < wrong.next()).toBe(true);
    wrong.correct(virtual.now() + 500, 0);
    expect(moved).toHaveLength(2);
  }
});

test('of a machine that knew no time at all everything moves to the present', () => {
  const virtual = new VirtualClock();
  const clock = new HybridClock(new VirtualClock(0), 'aaaaaaaa');
  const [first, second] = [clock.next(), clock.next()];
  const moved: string[] = [];
  clock.whenShifted((shift) => moved.push(shiftedVersion(first, shift), shiftedVersion(second, shift)));
  clock.correct(virtual.now(), 0);
  expect(moved.map((version) => Number.parseInt(version.slice(0, 12), 16))).toEqual([
    virtual.now(),
    virtual.now(),
  ]);
  expect(String(moved[0]) < String(moved[1]) && String(moved[1]) < clock.next()).toBe(true);
});

test('a slow answer of the server does not make worse what a quick one told', async () => {
  const local = new VirtualClock();
  const clock = new HybridClock(local);
  const server = 1_800_000_000_000;
  clock.correct(server, 2);
  await local.advance(200);
  // The request took 3 ms, the reply 197.
  clock.correct(server + 3, 200);
  expect(Math.abs(clock.now() - (server + 201))).toBeLessThanOrEqual(2);
});

test('a slow answer counts where the server has another time than it had', () => {
  const local = new VirtualClock();
  const clock = new HybridClock(local);
  clock.correct(1_800_000_000_000, 2);
  clock.correct(1_800_003_600_000, 200);
  expect(clock.now()).toBe(1_800_003_600_100);
});

test('a first answer that does not tell another time than the local clock moves nothing', () => {
  const virtual = new VirtualClock();
  const clock = new HybridClock(virtual, 'aaaaaaaa');
  const made = clock.next();
  let shifts = 0;
  clock.whenShifted(() => shifts++);
  // By this answer the clock may be 60 ms off, or right.
  clock.correct(virtual.now() - 20, 80);
  expect(shifts).toBe(0);
  expect(clock.now()).toBe(virtual.now());
  clock.correct(virtual.now() + 20, 2);
  expect(shifts).toBe(0);
  expect(clock.now()).toBe(virtual.now() + 21);
  expect(clock.next() > made).toBe(true);
});

test('until the first correction another server will do, and what was made by it is moved once more then', () => {
  const right = new VirtualClock();
  const clock = new HybridClock(new SkewedClock(right, 3_600_000), 'aaaaaaaa');
  const milliseconds = (version: string) => Number.parseInt(version.slice(0, 12), 16);
  let made = clock.next();
  clock.whenShifted((shift) => {
    made = shiftedVersion(made, shift);
  });
  clock.assume(right.now() + 40, 2);
  expect(Math.abs(milliseconds(made) - right.now())).toBeLessThan(50);
  expect(Math.abs(clock.now() - right.now())).toBeLessThan(50);
  clock.correct(right.now(), 2);
  expect(Math.abs(milliseconds(made) - right.now())).toBeLessThan(5);
  expect(Math.abs(clock.now() - right.now())).toBeLessThan(5);
  clock.assume(right.now() + 3_600_000, 2);
  expect(Math.abs(clock.now() - right.now())).toBeLessThan(5);
  expect(clock.next() > made).toBe(true);
});
