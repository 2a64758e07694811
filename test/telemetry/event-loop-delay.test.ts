import { expect, it } from 'vitest';
import { EventLoopDelay } from '../../src/telemetry/event-loop-delay.ts';

it('tells by how much the event loop was held up, once a window has passed', async () => {
  const delay = new EventLoopDelay(100);
  expect(delay.p99()).toBe(0);
  let held = 0;
  await expect
    .poll(
      () => {
        // Each look holds the loop for 60 ms itself.
        const until = performance.now() + 60;
        while (performance.now() < until) held++;
        return delay.p99();
      },
      { interval: 30, timeout: 5_000 },
    )
    .toBeGreaterThan(0.02);
  expect(held).toBeGreaterThan(0);
  expect(delay.p99()).toBeLessThan(5);
});

it('tells the same to all who ask within one window', async () => {
  const delay = new EventLoopDelay(60_000);
  delay.p99();
  expect([delay.p99(), delay.p99()]).toEqual([0, 0]);
});
