import { setImmediate as turn } from 'node:timers/promises';
import { TraceError } from '../../src/cli/replay/trace-line.ts';
import { paintFor } from '../../src/cli/terminal/paint.ts';
import { progressBar } from '../../src/cli/terminal/progress-bar.ts';
import { traceFile } from '../workloads/trace.ts';
import { chosenWorkloads } from './chosen-workloads.ts';
import { readCommandLine } from './command-line.ts';
import { CONTESTANTS } from './contestants.ts';
import { type Cost, measureCosts } from './costs.ts';
import { type HitRatios, hitRatiosOf } from './hit-ratios.ts';
import { costTable, hitRatioTable } from './tables.ts';
import type { Workload } from './workloads.ts';

const { json, capacities, trace, costs, fail } = readCommandLine(process.argv.slice(2));
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(130));

const shown = { progress: 0, note: 'reading' };
const end = progressBar(process.stderr, paintFor(process.stderr), () => shown);
let output: string;
try {
  output = await (costs ? measuredCosts() : comparedHitRatios());
} finally {
  end();
}
console.log(output);

async function measuredCosts(): Promise<string> {
  const found = await paced<number, Cost[]>(measureCosts(), (progress) =>
    Object.assign(shown, { progress, note: 'measuring' }),
  );
  return json ? JSON.stringify(found, null, 2) : costTable(found);
}

async function comparedHitRatios(): Promise<string> {
  const workloads = await readWorkloads();
  const rows: HitRatios[] = [];
  const all = workloads.length * capacities.length * CONTESTANTS.length;
  let done = 0;
  const show = (note: string) => Object.assign(shown, { progress: done++ / all, note });
  for (const workload of workloads) {
    for (const capacity of capacities) rows.push(await paced(hitRatiosOf(workload, capacity), show));
  }
  return json ? JSON.stringify(rows, null, 2) : hitRatioTable(rows);
}

async function readWorkloads(): Promise<Workload[]> {
  try {
    return await chosenWorkloads(trace, traceFile, console.error);
  } catch (error) {
    if (error instanceof TraceError) return fail(error.message);
    throw error;
  }
}

/** Runs it to its end, and lets the bar be drawn in between. */
async function paced<Step, Found>(
  work: Generator<Step, Found, undefined>,
  show: (step: Step) => void,
): Promise<Found> {
  for (let step = work.next(); ; step = work.next()) {
    if (step.done) return step.value;
    show(step.value);
    await turn();
  }
}
