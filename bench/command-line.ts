import { Command, InvalidArgumentError } from 'commander';
import { BARRED } from './barred-rows.ts';
import { COMPARISONS } from './comparisons.ts';
import type { Row } from './row.ts';

export interface CommandLine {
  /** The rows to measure, in the order of the table. */
  readonly rows: readonly Row[];
  readonly rounds: number;
  readonly operations: number | undefined;
  readonly json: boolean;
  readonly updateDocs: boolean;
  readonly profiles: string | undefined;
  /** Port of the Redis to use in place of a private one. */
  readonly wipeRedis: number | undefined;
}

interface Given {
  readonly row?: string[];
  readonly rounds: number;
  readonly operations?: number;
  readonly json?: true;
  readonly updateDocs?: true;
  readonly profile?: string;
  readonly wipeRedis?: number;
}

const ROWS: readonly Row[] = [...BARRED, ...COMPARISONS];

const EXAMPLES = `
Examples:
  npm run bench                                     everything, as a table
  npm run bench -- --update-docs                    and into docs/performance.md
  npm run bench -- --row redis-get-256 --rounds 9   one row, more closely
  npm run --silent bench -- --json > bench.json
  npm run bench -- --row redis-set-256 --profile /tmp/profiles

Rows:
${ROWS.map(({ id, title }) => `  ${id.padEnd(33)}${title}`).join('\n')}

Each side of a row runs in a process of its own, by turns with the other, on one Redis. The exit code is 0 when
everything was measured, also where a bar was missed; 1 when something could not be measured; 2 for a wrong option.`;

export function readCommandLine(args: readonly string[]): CommandLine {
  const program = new Command('npm run bench --')
    .description('Measures Understudy beside its peers.')
    .option('--row <id...>', 'only these rows; more than one may follow', collectRow)
    .option('--rounds <number>', 'rounds of each side', wholeNumber, 9)
    .option('--operations <number>', 'operations of a round (default: as many as fill 0.7 s)', wholeNumber)
    .option('--json', 'print JSON')
    .option('--update-docs', 'write the table into the documentation')
    .option('--profile <folder>', 'leave CPU profiles of the contenders there')
    .option('--wipe-redis <port>', 'use the Redis at this port, and delete all that is in it', wholeNumber)
    .addHelpText('after', EXAMPLES)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  program.parse(args, { from: 'user' });
  const given = program.opts<Given>();
  if (given.updateDocs && (given.row || given.operations)) {
    program.error('error: --update-docs takes a whole run, without --row and --operations');
  }
  return {
    rows: ROWS.filter(({ id }) => given.row?.includes(id) ?? true),
    rounds: given.rounds,
    operations: given.operations,
    json: given.json ?? false,
    updateDocs: given.updateDocs ?? false,
    profiles: given.profile,
    wipeRedis: given.wipeRedis,
  };
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('Expected a whole number above 0.');
}

function collectRow(id: string, before: string[] = []): string[] {
  if (ROWS.some((row) => row.id === id)) return [...before, id];
  throw new InvalidArgumentError(`There are: ${ROWS.map((row) => row.id).join(', ')}.`);
}
