import { expect } from 'vitest';
import type { Report } from './loaded-system.ts';

/** Milliseconds. The default deadline of an operation, and what a loaded machine of two cores adds to the measuring. */
const DEADLINE = 500;
const MEASURING_SLACK = 50;

const OPEN_P99 = 2;
/** From a freeze until the breaker is open. */
export const TIME_TO_OPEN = 1_000;
/** From the return of Redis until it answers calls again. */
export const TIME_TO_RETURN = 2_000;

/** What holds through every fault: nothing rejected, late, stale, lost, unhandled or printed. */
export function expectBars(report: Report): void {
  expect(report.rejected).toEqual([]);
  expect(report.unhandled).toEqual([]);
  expect(report.printed).toEqual([]);
  expect(report.lost).toEqual([]);
  expect(report.stale).toBe(0);
  // No deadline can be kept by an event loop that gets no processor: its longest lag is granted on top.
  expect(report.slowest).toBeLessThanOrEqual(DEADLINE + MEASURING_SLACK + report.lag);
  // The slowest of a few is no percentile: a short blip says nothing about it.
  if (report.open.calls >= 100) expect(report.open.p99).toBeLessThanOrEqual(OPEN_P99);
}
