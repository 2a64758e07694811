import { Command } from 'commander';
import type { LoadOptions } from '../../src/system/load-options.ts';
import { simulate } from './simulation.ts';

const HELP = `
Requests for one key come by a Poisson process at 8 processes. It lives for a minute; a load takes 2 s on average. A row tells,
for a million requests, how often the value was loaded, how many loads ran at once at the most, how many requests had to wait for
one, and how many were answered with a value past its time. The decisions are those of the product, the time is simulated.

Examples:
  npm run freshness                         the table of docs/freshness.md
  npm run --silent freshness -- --json > freshness.json

The exit code is 0, and 2 for a wrong option.`;

const STRATEGIES: readonly (readonly [name: string, options: LoadOptions])[] = [
  ['plain ttl', {}],
  ['refreshAhead: 0.8', { refreshAhead: 0.8 }],
  ['xfetch: true', { xfetch: true }],
  ['xfetch: 2', { xfetch: 2 }],
  ['staleWhileRevalidate', { grace: '1h', staleWhileRevalidate: true }],
];
const RATES = [1, 10, 100];
const SCENARIO = { processes: 8, ttl: 60_000, loadTime: 2_000, requests: 1_000_000 } as const;

const program = new Command('npm run freshness --')
  .description('Simulates ways to keep a value fresh, side by side.')
  .option('--json', 'print JSON')
  .addHelpText('after', HELP)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
program.parse(process.argv.slice(2), { from: 'user' });

const rows = [true, false].flatMap((sharedLeases) =>
  RATES.flatMap((rate) =>
    STRATEGIES.map(([strategy, options]) => ({
      leases: sharedLeases ? 'shared' : 'per process',
      rate,
      strategy,
      ...simulate({ ...SCENARIO, rate, sharedLeases, options }),
    })),
  ),
);
if (program.opts<{ json?: true }>().json) console.log(JSON.stringify(rows, null, 2));
else {
  const lines = rows.map(
    ({ leases, rate, strategy, loads, mostAtOnce, waited, stale }) =>
      `| ${leases} | ${rate} | \`${strategy}\` | ${loads} | ${mostAtOnce} | ${waited} | ${stale} |`,
  );
  const head = '| leases | requests/s | options | loads | at once | waited | stale |';
  console.log([head, '|---|---|---|---|---|---|---|', ...lines].join('\n'));
}
