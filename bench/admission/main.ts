import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Command } from 'commander';
import { TraceError } from '../../src/cli/replay/trace-line.ts';
import { paintFor } from '../../src/cli/terminal/paint.ts';
import { progressBar } from '../../src/cli/terminal/progress-bar.ts';
import { traceFile } from '../workloads/trace.ts';
import { CONTESTANTS } from './contestants.ts';
import { measureCosts } from './costs.ts';
import { type HitRatios, hitRatiosOf } from './hit-ratios.ts';
import { costTable, hitRatioTable } from './tables.ts';
import { syntheticWorkloads, traceWorkload, type Workload } from './workloads.ts';

const CAPACITIES = [100, 1_000, 5_000, 20_000, 50_000];
const HELP = `
Each policy is asked for the same keys in the same order, from an empty cache, at capacities of ${CAPACITIES.join(', ')} keys.
The workloads are a trace of a language model's users, if it is there, and synthetic ones that are the same each time.

Examples:
  npm run admission                              the hit ratios of docs/admission.md, in percent
  npm run --silent admission -- --json > admission.json
  npm run admission -- --trace keys.txt          of a trace of your own: a key a line, or JSON with hash_ids
  npm run admission -- --costs                   time and memory of each policy, measured here

The exit code is 0, and 2 for a wrong option or a trace that cannot be read.`;

const program = new Command('npm run admission --')
  .description('Compares which keys a cache holds by LRU, by other policies, and at best.')
  .option('--json', 'print JSON')
  .option('--trace <file>', 'only the workload of this trace')
  .option('--costs', 'measure what the policies cost, in place of their hit ratios')
  .addHelpText('after', HELP)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
program.parse(process.argv.slice(2), { from: 'user' });
const { json, trace, costs } = program.opts<{ json?: true; trace?: string; costs?: true }>();
if (trace !== undefined && costs) program.error('error: --costs takes no --trace');
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(130));

const shown = { progress: 0, note: 'reading' };
const workloads = costs ? [] : await chosenWorkloads();
const end = progressBar(process.stderr, paintFor(process.stderr), () => shown);
try {
  if (costs) {
    const found = await costsOfAll();
    end();
    console.log(json ? JSON.stringify(found, null, 2) : costTable(found));
  } else {
    const found = await hitRatiosOfAll();
    end();
    console.log(json ? JSON.stringify(found, null, 2) : hitRatioTable(found));
  }
} finally {
  end();
}

async function chosenWorkloads(): Promise<Workload[]> {
  if (trace !== undefined) return [await readTrace(basename(trace), trace)];
  if (existsSync(traceFile)) return [await readTrace('trace', traceFile), ...syntheticWorkloads()];
  console.error(`SKIPPED: the workload "trace", there is no ${traceFile}`);
  return syntheticWorkloads();
}

async function readTrace(name: string, file: string): Promise<Workload> {
  try {
    return await traceWorkload(name, file);
  } catch (error) {
    if (error instanceof TraceError) program.error(`error: ${error.message}`);
    throw error;
  }
}

async function hitRatiosOfAll(): Promise<HitRatios[]> {
  const rows: HitRatios[] = [];
  const all = workloads.length * CAPACITIES.length * CONTESTANTS.length;
  let done = 0;
  for (const workload of workloads) {
    for (const capacity of CAPACITIES) {
      rows.push(
        await paced(hitRatiosOf(workload, capacity), (note) =>
          Object.assign(shown, { progress: done++ / all, note }),
        ),
      );
    }
  }
  return rows;
}

function costsOfAll() {
  return paced(measureCosts(), (progress) => Object.assign(shown, { progress, note: 'measuring' }));
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
