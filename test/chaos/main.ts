import { resultOf } from './report/result.ts';
import { run } from './run.ts';

const seed = Number(process.argv[2]),
  seconds = Number(process.argv[3]),
  processes = Number(process.argv[4] ?? 4);
const without = process.argv[5] ? process.argv[5].split(',') : [];
const r = resultOf(
  await run({
    seed,
    seconds,
    processes,
    near: false,
    staleness: 1000,
    fleetLeases: false,
    without: without as never,
    options: '{}',
  }),
);
console.log(JSON.stringify(r, null, 1));
