import { count, duration, percent, plural } from '../terminal/numbers.ts';
import type { Paint } from '../terminal/paint.ts';
import type { FaultReport } from './chaos.ts';
import type { ReplayView } from './replay.ts';
import type { ReplayReport } from './report.ts';
import type { ReplaySettings } from './settings.ts';

/** A replay under way, for a progress bar. */
export function describeView({ progress, tally, fault }: ReplayView): { progress: number; note: string } {
  const hits = tally.operations === 0 ? 0 : tally.hits / tally.operations;
  const note = `${plural(tally.operations, 'key')}, ${percent(hits)} hits, ${tally.errors} failed`;
  return { progress, note: fault === undefined ? note : `${note}, Redis: ${fault}` };
}

/** The report as a person reads it. */
export function describeReport(report: ReplayReport, settings: ReplaySettings, paint: Paint): string {
  const { latency } = report;
  const rows = [
    ['replayed', `${plural(report.lines, 'line')}, ${plural(report.operations, 'key')}`],
    ['throughput', `${count(report.throughput)} keys/s for ${duration(report.duration)}`],
    [
      'latency',
      `p50 ${duration(latency.p50)}, p99 ${duration(latency.p99)}, p99.9 ${duration(latency.p999)}, max ${duration(latency.max)}`,
    ],
    ['failed calls', failures(report, paint)],
    ...(settings.redis === 'none' ? memoryRows(report, settings) : redisRows(report, paint)),
    ...report.faults.map((fault) => [fault.fault, outcome(fault)]),
  ];
  return rows.map(([name = '', text]) => `${paint('dim', name.padEnd(12))}  ${text}\n`).join('');
}

function memoryRows({ hitRatio }: ReplayReport, { capacity }: ReplaySettings): string[][] {
  return [['hit ratio', `${percent(hitRatio)} with room for ${count(capacity)} entries`]];
}

function redisRows({ hitRatio, tiers, breaker, degraded, journal }: ReplayReport, paint: Paint): string[][] {
  const lost = paint(journal.lost === 0 ? 'green' : 'red', `${count(journal.lost)} lost`);
  const split = `${percent(tiers.redis.hitRatio)} from Redis, ${percent(tiers.memory.hitRatio)} from memory`;
  const kept = `${count(degraded.writes)} written before Redis had them`;
  return [
    ['hit ratio', `${percent(hitRatio)}: ${split}`],
    ['breaker', `opened ${plural(breaker.opened, 'time')}`],
    ['degraded', `${plural(degraded.reads, 'key')} answered from memory, ${kept}`],
    ['journal', `${count(journal.replayed)} replayed, ${lost} (by asking Redis for all that it was owed)`],
  ];
}

function failures({ errors, calls, errorCodes }: ReplayReport, paint: Paint): string {
  const codes = Object.entries(errorCodes).map(([code, times]) => `, ${code} ${count(times)}`);
  return paint(errors === 0 ? 'green' : 'red', `${count(errors)} of ${count(calls)}${codes.join('')}`);
}

function outcome({ progress, outage, recovery }: FaultReport): string {
  const back = recovery === undefined ? 'not back in time' : `all of it there ${duration(recovery)} later`;
  return `at ${Math.round(progress * 100)} %, out for ${duration(outage)}, ${back}`;
}
