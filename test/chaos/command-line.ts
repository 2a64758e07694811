import { Command, InvalidArgumentError } from 'commander';
import { GUARANTEES, type Guarantee, type RunSettings } from './settings.ts';

export interface CommandLine {
  readonly seeds: readonly number[];
  /** Runs at the same time. */
  readonly parallel: number;
  readonly json: boolean;
  /** Take each guarantee away in turn, and see that it is missed. */
  readonly prove: readonly Guarantee[];
  readonly settings: Omit<RunSettings, 'seed'>;
}

interface Given extends Omit<RunSettings, 'seed'> {
  readonly seed: number;
  readonly seeds?: readonly number[];
  readonly parallel: number;
  readonly json?: true;
  readonly prove?: readonly Guarantee[];
}

const EXAMPLES = `
Examples:
  npm run chaos -- --seed 7                                   one run of 20 s, 4 processes
  npm run chaos -- --seeds 1-200 --parallel 2                 many, one after the other on each of two lanes
  npm run --silent chaos -- --seed 7 --seconds 60 --json > seed-7.json
  npm run chaos -- --seeds 1-20 --seconds 10 --without versions
  npm run chaos -- --prove --seconds 10                       the checker proves itself, all guarantees
  npm run chaos -- --seed 7 --near --staleness 1000
  npm run chaos -- --seed 7 --durable
  npm run chaos -- --seed 7 --options '{"lease":{"ttl":"5s"}}'

A seed fixes the load of each process and when what is broken: Redis is frozen, killed and slowed, the way of each
process to it held up, refused, slowed and cut, and processes are frozen and killed. Some seeds have a small journal. With near caches, connections that hear of
the changes of others are severed while reads and writes go on. The threads of machine and kernel are not
seeded, so a seed that found something may have to be run a few times to find it again.

Exit code: 0 nothing was found (with --prove: each loss was noticed), 1 otherwise, 2 for a wrong option.`;

export function readCommandLine(args: readonly string[]): CommandLine {
  const program = new Command('npm run chaos --')
    .description('Runs a fleet of caches through real faults and checks all that they answered.')
    .option('--seed <number>', 'the run to make', wholeNumber, 1)
    .option('--seeds <from-to>', 'runs to make, in place of one', range)
    .option('--seconds <number>', 'length of a run', wholeNumber, 20)
    .option('--processes <number>', 'processes of the fleet', wholeNumber, 4)
    .option('--parallel <number>', 'runs at the same time', wholeNumber, 1)
    .option('--near', 'with near caches, held to their staleness', false)
    .option('--staleness <ms>', 'how far a near cache may be behind', wholeNumber, 250)
    .option('--durable', 'with journals that outlive their processes, in a Postgres', false)
    .option('--fleet-leases', 'leases hold across processes', false)
    .option('--without <guarantee...>', `take away: ${GUARANTEES.join(', ')}`, collectGuarantee, [])
    .option(
      '--prove [guarantee...]',
      'see that each loss is noticed within the seeds, 20 by default',
      collectGuarantee,
    )
    .option('--options <json>', 'options for every system; {data} is a folder of the process', json, '{}')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  program.parse(args, { from: 'user' });
  const {
    seed,
    seeds,
    parallel,
    json: asJson,
    prove,
    ...settings
  } = program.opts<Given | (Given & { prove: true })>();
  const proven = prove === undefined ? [] : prove === true ? GUARANTEES : prove;
  return {
    seeds: seeds ?? (proven.length > 0 ? range('1-20') : [seed]),
    parallel,
    json: asJson ?? false,
    prove: proven,
    settings,
  };
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('Expected a whole number above 0.');
}

function range(text: string): number[] {
  const [from = 0, to = 0] = text.split('-').map(Number);
  if (!/^\d+-\d+$/.test(text) || from < 1 || to < from)
    throw new InvalidArgumentError('Expected a range like 1-200.');
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function collectGuarantee(name: string, before: readonly Guarantee[] | true = []): Guarantee[] {
  const known = GUARANTEES.find((guarantee) => guarantee === name);
  if (known === undefined) throw new InvalidArgumentError(`There are: ${GUARANTEES.join(', ')}.`);
  return [...(before === true ? [] : before), known];
}

function json(text: string): string {
  return isJson(text) ? text : refuse('Expected JSON.');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function refuse(message: string): never {
  throw new InvalidArgumentError(message);
}
