import { performance } from 'node:perf_hooks';

/** Milliseconds of a round, and how many there are. */
const ROUND = 120;
const ROUNDS = 7;

let sink: unknown;

/** Nanoseconds of one call: the median of several rounds, the first of which only warms up. */
export function nanoseconds(run: () => unknown): number {
  const rounds = Array.from({ length: ROUNDS + 1 }, () => {
    const began = performance.now();
    let calls = 0;
    let passed = 0;
    do {
      for (let each = 0; each < 64; each++) sink = run();
      calls += 64;
      passed = performance.now() - began;
    } while (passed < ROUND);
    return (passed * 1e6) / calls;
  }).slice(1);
  if (sink === undefined) throw new Error('expected something to come of it');
  return rounds.sort((one, other) => one - other)[ROUNDS >> 1] as number;
}
