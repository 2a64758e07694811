import { Command, InvalidArgumentError } from 'commander';

export interface CommandLine {
  readonly json: boolean;
  /** Entries that the caches may hold, one row each. */
  readonly capacities: readonly number[];
  /** A file to read in place of all other workloads. */
  readonly trace: string | undefined;
  /** To measure what the policies cost, in place of their hit ratios. */
  readonly costs: boolean;
  /** Says what is wrong, and exits. */
  fail(message: string): never;
}

interface Given {
  readonly json?: true;
  readonly capacity?: number[];
  readonly trace?: string;
  readonly costs?: true;
}

const CAPACITIES = [100, 1_000, 5_000, 20_000, 50_000];
/** As `memory.maxEntries`. */
const MOST_ENTRIES = 16_777_216;
const HELP = `
Each policy is asked for the same keys in the same order, from an empty cache. The workloads are a trace of a language
model's users, if it is there, and synthetic ones that are the same each time.

Examples:
  npm run admission                                 the hit ratios of docs/admission.md, in percent
  npm run --silent admission -- --json > admission.json
  npm run admission -- --trace keys.txt             of a trace of your own: a key a line, or JSON with hash_ids
  npm run admission -- --capacity 2000 10000        at other capacities
  npm run admission -- --costs                      time and memory of each policy, measured here

The exit code is 0, and 2 for a wrong option or a trace that cannot be read.`;

export function readCommandLine(args: readonly string[]): CommandLine {
  const program = new Command('npm run admission --')
    .description('Compares which keys a cache holds by LRU, by other policies, and at best.')
    .option('--json', 'print JSON')
    .option('--trace <file>', 'only the workload of this trace')
    .option('--capacity <entries...>', `in place of ${CAPACITIES.join(', ')}`, collectEntries)
    .option('--costs', 'measure what the policies cost, in place of their hit ratios')
    .addHelpText('after', HELP)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  program.parse(args, { from: 'user' });
  const { json = false, capacity, trace, costs = false } = program.opts<Given>();
  if (costs && (trace !== undefined || capacity !== undefined)) {
    program.error('error: --costs takes neither --trace nor --capacity');
  }
  const fail = (message: string): never => program.error(`error: ${message}`);
  return { json, capacities: capacity ?? CAPACITIES, trace, costs, fail };
}

function collectEntries(text: string, before: number[] = []): number[] {
  const entries = Number(text);
  if (Number.isInteger(entries) && entries >= 1 && entries <= MOST_ENTRIES) return [...before, entries];
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${MOST_ENTRIES}.`);
}
