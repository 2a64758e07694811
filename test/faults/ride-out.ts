import { expect, type TestContext } from 'vitest';
import { expectBars, TIME_TO_OPEN, TIME_TO_RETURN } from './bars.ts';
import { type LoadedSystem, now, type Report } from './loaded-system.ts';

interface Fault {
  readonly begin: () => unknown;
  readonly end: () => unknown;
  /** Calls made while it lasts, once the breaker is open. Default 2000: a second. */
  readonly lasting?: number;
}

interface Ride {
  /** Milliseconds from the beginning of the fault until the breaker was open. */
  readonly opened: number;
  /** Milliseconds from the end of the fault until Redis had answered a call. */
  readonly returned: number;
  readonly report: Report;
}

/** Takes a system under load through an outage that opens the breaker, and holds it to the bars. */
export async function rideOut(
  system: LoadedSystem,
  { begin, end, lasting = 2_000 }: Fault,
  annotate: TestContext['annotate'],
): Promise<Ride> {
  const began = now();
  const opening = system.timeline.breaker('open', TIME_TO_OPEN);
  await Promise.all([opening, begin()]);
  const opened = (await opening) - began;
  await system.answered(lasting);
  await end();
  const ended = now();
  const returned = (await system.servedByRedis(ended, TIME_TO_RETURN)) - ended;
  await system.answered(400);
  const report = await system.finish();
  await annotate(JSON.stringify({ opened, returned, ...report }));
  expectBars(report);
  expect(opened).toBeLessThanOrEqual(TIME_TO_OPEN);
  expect(returned).toBeLessThanOrEqual(TIME_TO_RETURN);
  expect(report.open.calls).toBeGreaterThanOrEqual(lasting);
  return { opened, returned, report };
}
