import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Result } from './report/result.ts';
import type { RunSettings } from './settings.ts';

const PROGRAM = fileURLToPath(new URL('./main.ts', import.meta.url));

/** Runs many seeds, some at a time, each in a process of its own: a run does not disturb the clock of another. */
export async function runSeeds(
  seeds: readonly number[],
  parallel: number,
  settings: Omit<RunSettings, 'seed'>,
  /** Told of each result; `false` ends it. */
  onResult: (result: Result) => boolean,
): Promise<void> {
  const waiting = [...seeds];
  const lane = async (): Promise<void> => {
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      if (!onResult(await runSeed({ ...settings, seed }))) waiting.length = 0;
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, seeds.length) }, lane));
}

function runSeed(settings: RunSettings): Promise<Result> {
  const args = ['--json', ...argumentsOf(settings)];
  return new Promise((resolve, reject) => {
    // The channel is its lifeline: without this process it ends, and the fleet with it.
    const child = fork(PROGRAM, args, { execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject).on('close', () => {
      try {
        resolve(JSON.parse(stdout));
      } catch (cause) {
        reject(new Error(`seed ${settings.seed} could not be run: ${stderr.slice(-2_000)}`, { cause }));
      }
    });
  });
}

function argumentsOf(settings: RunSettings): string[] {
  const { seed, seconds, processes, near, staleness, durable, fleetLeases, without, options } = settings;
  return [
    ...['--seed', String(seed), '--seconds', String(seconds), '--processes', String(processes)],
    ...['--staleness', String(staleness), '--options', options],
    ...(near ? ['--near'] : []),
    ...(durable ? ['--durable'] : []),
    ...(fleetLeases ? ['--fleet-leases'] : []),
    ...(without.length > 0 ? ['--without', ...without] : []),
  ];
}
