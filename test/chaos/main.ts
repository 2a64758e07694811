import { duration, plural } from '../../src/cli/terminal/numbers.ts';
import { paintFor } from '../../src/cli/terminal/paint.ts';
import { progressBar } from '../../src/cli/terminal/progress-bar.ts';
import { now } from './clock.ts';
import { type CommandLine, readCommandLine } from './command-line.ts';
import { type Proof, prove } from './prove.ts';
import { type Result, resultOf } from './report/result.ts';
import { describeProofs, describeResults } from './report/text.ts';
import { run } from './run.ts';
import { runSeeds } from './seeds.ts';

/** What a run takes beside its load: starting, settling, reading everything. Seconds. */
const AROUND = 4;

const commandLine = readCommandLine(process.argv.slice(2));
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(130));
// One of many runs ends with whoever started it.
process.once('disconnect', () => process.exit(130));
process.channel?.unref();

const results: Result[] = [];
const proofs: Proof[] = [];
const endProgress = showProgress(commandLine);
try {
  if (commandLine.prove.length > 0) await proveAll(commandLine);
  else await runAll(commandLine);
} finally {
  endProgress();
}
tell(commandLine);

async function runAll({ seeds, parallel, settings }: CommandLine): Promise<void> {
  const [seed, ...more] = seeds;
  if (seed !== undefined && more.length === 0) {
    results.push(resultOf(await run({ ...settings, seed })));
    return;
  }
  await runSeeds(seeds, parallel, settings, (result) => results.push(result) > 0);
}

async function proveAll({ prove: guarantees, seeds, parallel, settings }: CommandLine): Promise<void> {
  for (const guarantee of guarantees) proofs.push(await prove(guarantee, seeds, parallel, settings));
}

function tell({ json, prove: guarantees }: CommandLine): void {
  const paint = paintFor(process.stdout);
  const proving = guarantees.length > 0;
  if (
    proving
      ? proofs.some(({ seed }) => seed === undefined)
      : results.some((result) => result.violations.length > 0)
  ) {
    process.exitCode = 1;
  }
  if (json) {
    console.log(
      JSON.stringify(proving ? proofs : results.length === 1 ? results[0] : together(results), null, 2),
    );
  } else console.log(proving ? describeProofs(proofs, paint) : describeResults(results, paint));
}

function together(all: readonly Result[]) {
  return {
    seeds: all.map(({ seed }) => seed),
    operations: all.reduce((sum, { operations }) => sum + operations, 0),
    faults: all.reduce((sum, { faults }) => sum + faults, 0),
    violations: all.flatMap(({ seed, violations }) =>
      violations.map((violation) => ({ seed, ...violation })),
    ),
  };
}

function showProgress({ seeds, parallel, settings, prove: guarantees }: CommandLine): () => void {
  const began = now();
  const runs = seeds.length * Math.max(1, guarantees.length);
  const expected = Math.ceil(runs / parallel) * (settings.seconds + AROUND) * 1_000;
  return progressBar(process.stderr, paintFor(process.stderr), () => {
    const took = now() - began;
    const broken = results.filter(({ violations }) => violations.length > 0).length;
    const note = `${duration(took)}, ${plural(runs, 'run')}, ${plural(broken, 'seed')} with violations`;
    return { progress: Math.min(0.99, took / expected), note };
  });
}
