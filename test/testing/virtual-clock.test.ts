import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

test('timers fire in the order they are due, each at its own time', async () => {
  const clock = new VirtualClock();
  const fired: [string, number][] = [];
  const note = (name: string) => () => fired.push([name, clock.monotonic()]);
  clock.setTimeout(note('late'), 30);
  clock.setTimeout(note('early'), 10);
  clock.setTimeout(note('early too'), 10);
  clock.setTimeout(note('never'), 51);

  await clock.advance(50);
  expect(fired).toEqual([
    ['early', 10],
    ['early too', 10],
    ['late', 30],
  ]);
  expect(clock.monotonic()).toBe(50);
  expect(clock.pending).toBe(1);
});

test('a timer that sets itself again fires as often as its time comes', async () => {
  const clock = new VirtualClock();
  let turns = 0;
  const again = (): void => {
    turns++;
    clock.setTimeout(again, 1_000);
  };
  clock.setTimeout(again, 1_000);
  await clock.advance(10_000);
  expect(turns).toBe(10);
});

test('what a timer causes in promises happens before the next timer', async () => {
  const clock = new VirtualClock();
  const order: string[] = [];
  const chain = async (): Promise<void> => {
    for (let step = 0; step < 20; step++) await Promise.resolve();
    process.nextTick(() => order.push('tick'));
  };
  clock.setTimeout(() => void chain().then(() => order.push('first')), 5);
  clock.setTimeout(() => order.push('second'), 5);
  await clock.advance(5);
  expect(order).toEqual(['first', 'tick', 'second']);
});

test('a cleared timer does not fire, and clearing what is no timer does nothing', async () => {
  const clock = new VirtualClock();
  let fired = false;
  const timer = clock.setTimeout(() => {
    fired = true;
  }, 1);
  clock.clearTimeout(timer);
  clock.clearTimeout(undefined);
  await clock.advance(10);
  expect(fired).toBe(false);
  expect(clock.pending).toBe(0);
});

test('a jump of the wall clock leaves the monotonic one alone', async () => {
  const clock = new VirtualClock(1_000);
  await clock.advance(500);
  clock.jump(-3_600_000);
  expect(clock.now()).toBe(1_500 - 3_600_000);
  expect(clock.monotonic()).toBe(500);
});

test('after a stall, what is overdue fires once, late', async () => {
  const clock = new VirtualClock();
  const fired: number[] = [];
  clock.setTimeout(() => fired.push(clock.monotonic()), 10);
  clock.stall(500);
  expect(fired).toEqual([]);
  await clock.advance(0);
  expect(fired).toEqual([500]);
});

test('time passes no further than until something is so, and no longer than it may', async () => {
  const clock = new VirtualClock();
  let fired = 0;
  for (const due of [10, 20, 30]) clock.setTimeout(() => fired++, due);
  expect(await clock.advanceUntil(() => fired === 2, 100)).toBe(true);
  expect(clock.monotonic()).toBe(20);
  expect(await clock.advanceUntil(() => fired === 4, 100)).toBe(false);
  expect([clock.monotonic(), fired]).toEqual([120, 3]);
  expect(await clock.advanceUntil(() => true, 100)).toBe(true);
  expect(clock.monotonic()).toBe(120);
});
