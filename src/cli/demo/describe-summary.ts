import { count, duration, percent } from '../terminal/numbers.ts';
import type { Paint } from '../terminal/paint.ts';
import { type DemoSummary, isGood } from './summary.ts';

/** The summary as a person reads it. */
export function describeSummary(summary: DemoSummary, paint: Paint): string {
  const { errors, operations, hitRatio, latency, outage, journal, direct } = summary;
  const lines = [
    `Redis was out for ${duration(outage.duration)}. ${count(errors)} of ${count(operations)} calls through Understudy failed,`,
    `and ${count(direct.errors)} of ${count(direct.operations)} that asked Redis itself.`,
    `The breaker opened ${when(outage.noticedAfter)} the kill; Redis had all of it ${when(outage.recoveredAfter)} its start.`,
    `Hit ratio ${percent(hitRatio.before)} before, ${percent(hitRatio.out)} without Redis, ${percent(hitRatio.after)} after.`,
    `Half of the calls took ${duration(latency.p50)} or less, 99 % ${duration(latency.p99)} or less.`,
    `${count(journal.replayed)} changes were brought to Redis afterwards; ${count(journal.lost)} were lost.`,
  ];
  const colour = isGood(summary) ? 'green' : 'red';
  return `\n${lines.map((line) => ` ${paint(colour, '┃')} ${line}\n`).join('')}\n`;
}

function when(after: number | undefined): string {
  return after === undefined ? 'never after' : `${duration(after)} after`;
}
