import { expect, test } from 'vitest';
import { Pace } from '../../src/cli/replay/pace.ts';
import { closedLoop, inOrder, openLoop } from '../../src/cli/replay/schedule.ts';
import type { TraceLine } from '../../src/cli/replay/trace-line.ts';

async function* linesAt(...timestamps: (number | undefined)[]): AsyncGenerator<TraceLine, void, undefined> {
  for (const timestamp of timestamps) yield { keys: ['key'], timestamp };
}

function blockFor(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

test('at a speed, a line that is held up is late from when its timestamp meant it to begin', async () => {
  const intended: number[] = [];
  const late: number[] = [];
  await openLoop(linesAt(1_000, 1_100, 1_200), 10, async (_, at) => {
    intended.push(at);
    late.push(performance.now() - at);
    if (intended.length === 1) blockFor(60);
  });
  const [first = 0, second = 0, third = 0] = intended;
  expect(second - first).toBeCloseTo(10, 6);
  expect(third - first).toBeCloseTo(20, 6);
  expect(late[1]).toBeGreaterThanOrEqual(50);
  expect(late[2]).toBeGreaterThanOrEqual(40);
});

test('at a speed, a line begins although those before it have not ended', async () => {
  let begun = 0;
  const all = Promise.withResolvers<void>();
  await openLoop(linesAt(0, 1, 2, 3), 1, async () => {
    if (++begun === 4) all.resolve();
    await all.promise;
  });
  expect(begun).toBe(4);
});

test('at a speed, lines without timestamps are refused', async () => {
  await expect(openLoop(linesAt(undefined), 1, async () => {})).rejects.toThrow('has none');
});

test('as fast as it goes, no more lines are under way than allowed, and no fewer while there are some', async () => {
  let underWay = 0;
  const seen: number[] = [];
  await closedLoop(linesAt(...new Array<number>(50).fill(0)), 4, new Pace(), async () => {
    seen.push(++underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay--;
  });
  expect(seen).toHaveLength(50);
  expect(Math.max(...seen)).toBe(4);
});

test('a trace that turns out bad ends the load, after the lines under way', async () => {
  async function* failing(): AsyncGenerator<TraceLine, void, undefined> {
    yield { keys: ['key'], timestamp: 0 };
    throw new Error('line 2 is bad');
  }
  let ended = 0;
  const load = closedLoop(failing(), 4, new Pace(), async () => {
    await new Promise((resolve) => setImmediate(resolve));
    ended++;
  });
  await expect(load).rejects.toThrow('line 2 is bad');
  expect(ended).toBe(1);
});

test('a limit spaces lines by their keys, and counts lateness from the steps of that schedule', async () => {
  const pace = new Pace();
  pace.limit(1_000);
  const first = await pace.turn(20);
  blockFor(50);
  const second = await pace.turn(5);
  const third = await pace.turn(1);
  expect(second - first).toBeCloseTo(20, 6);
  expect(third - first).toBeCloseTo(25, 6);
});

test('as fast as it goes, no line is read before it is to begin', async () => {
  let read = 0;
  async function* counted(): AsyncGenerator<TraceLine, void, undefined> {
    for await (const line of linesAt(...new Array<number>(10).fill(0))) {
      read++;
      yield line;
    }
  }
  const ahead: number[] = [];
  let begun = 0;
  await closedLoop(counted(), 3, new Pace(), async () => {
    ahead.push(read - ++begun);
    await new Promise((resolve) => setImmediate(resolve));
  });
  expect(ahead).toEqual(new Array<number>(10).fill(0));
});

test('a limit that is lifted holds up nobody any longer', async () => {
  const pace = new Pace();
  pace.limit(1);
  await pace.turn(3_600);
  const waiting = pace.turn(1);
  pace.limit(undefined);
  const intended = await waiting;
  expect(Math.abs(intended - performance.now())).toBeLessThan(1_000);
});

test('in order, a line begins when the one before it has ended', async () => {
  const log: string[] = [];
  const play = inOrder(async ({ keys }) => {
    log.push(`begin ${keys}`);
    await new Promise((resolve) => setImmediate(resolve));
    log.push(`end ${keys}`);
  });
  await Promise.all(['a', 'b'].map((key) => play({ keys: [key], timestamp: 0 }, 0)));
  expect(log).toEqual(['begin a', 'end a', 'begin b', 'end b']);
});
