import { Command } from 'commander';
import { paintFor } from '../../src/cli/terminal/paint.ts';
import { progressBar } from '../../src/cli/terminal/progress-bar.ts';
import { TOPOLOGIES } from './group.ts';
import { FAULTS, measure, type Outcome, PROTECTIONS } from './scenario.ts';

const HELP = `
Each row starts a group of servers of its own, writes 4000 new keys a second through one failover, and counts which of the
writes that were answered "durable: true" the new master does not have in the end.

Examples:
  npm run failover-loss                              everything, as a Markdown table
  npm run --silent failover-loss -- --json > loss.json
  npm run failover-loss -- --only cut                only rows whose name has this in it

The exit code is 0 when everything was measured, and 2 for a wrong option.`;

const program = new Command('npm run failover-loss --')
  .description('Measures what a failover loses of what Redis had acknowledged.')
  .option('--json', 'print JSON')
  .option('--only <text>', 'only rows whose topology, fault or protection has this text in it')
  .addHelpText('after', HELP)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
program.parse(process.argv.slice(2), { from: 'user' });
const { json, only = '' } = program.opts<{ json?: true; only?: string }>();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(130));

const scenarios = TOPOLOGIES.flatMap((topology) =>
  FAULTS.flatMap((fault) => PROTECTIONS.map((protection) => ({ topology, fault, protection }))),
).filter((scenario) => Object.values(scenario).join(' ').includes(only));
if (scenarios.length === 0) program.error(`error: no row has "${only}" in its name`);

const outcomes: Outcome[] = [];
let note = '';
const end = progressBar(process.stderr, paintFor(process.stderr), () => ({
  progress: outcomes.length / scenarios.length,
  note,
}));
try {
  for (const scenario of scenarios) {
    note = Object.values(scenario).join(', ');
    outcomes.push(await measure(scenario));
  }
} finally {
  end();
}
if (json) console.log(JSON.stringify(outcomes, null, 2));
else console.log(table(outcomes));

function table(rows: readonly Outcome[]): string {
  const lines = rows.map(
    ({ topology, fault, protection, acknowledged, lost, secondsOut }) =>
      `| ${topology} | ${fault} | ${protection} | ${acknowledged} | ${lost} | ${secondsOut.toFixed(1)} |`,
  );
  return [
    '| topology | master | protection | acknowledged | lost | seconds out |',
    '|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}
