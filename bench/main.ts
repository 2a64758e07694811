import { bench, stepsOfAll } from './bench.ts';
import { readCommandLine } from './command-line.ts';
import { openRedis } from './redis.ts';
import { describeRun } from './report/description.ts';
import { updateDocuments } from './report/document.ts';
import { Progress } from './report/progress.ts';
import { terminalTable } from './report/terminal-table.ts';

const { rows, json, updateDocs, wipeRedis, ...settings } = readCommandLine(process.argv.slice(2));
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(130));

const redis = await openRedis(wipeRedis);
try {
  const progress = new Progress(process.stderr, stepsOfAll(rows, settings.rounds));
  const results = await bench(rows, redis, settings, progress);
  progress.end();

  const description = await describeRun(redis, settings.rounds);
  const barred = new Set(rows.filter((row) => row.bar !== undefined).map((row) => row.id));
  const tables = {
    rows: results.filter(({ id }) => barred.has(id)),
    comparisons: results.filter(({ id }) => !barred.has(id)),
  };
  for (const { id, skipped, problem } of results) {
    if (skipped !== undefined) console.error(`SKIPPED ${id}: ${skipped}`);
    if (problem !== undefined) console.error(`FAILED ${id}: ${problem}`);
  }
  if (json) console.log(JSON.stringify({ ...description, ...tables }, null, 2));
  else console.log(terminalTable(results));
  if (updateDocs) updateDocuments(new URL('..', import.meta.url), description, tables);
  // A missed bar is a result; a row that could not be measured is none.
  if (results.some(({ problem }) => problem !== undefined)) process.exitCode = 1;
} finally {
  await redis.stop();
}
