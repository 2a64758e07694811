import { performance } from 'node:perf_hooks';
import type { Assignment, Round } from './assignment.ts';
import type { Workload } from './workloads/workload.ts';

/** Seconds until the compiler has done its work. */
const WARM_UP = 1.5;
/** Short, so that both rounds of a pair find the machine in the same mood. */
const ROUND_SECONDS = 0.7;

/** Runs until the code is compiled; tells how many operations make a round. */
export async function warmUp(workload: Workload, { operations, callers }: Assignment): Promise<number> {
  const given = workload.size ?? operations;
  if (given !== undefined) {
    await workload.run(given);
    return given;
  }
  const began = performance.now();
  let next = callers * 8;
  let best = 0;
  while (performance.now() - began < WARM_UP * 1000) {
    const round = await runRound(workload, next);
    best = Math.max(best, round.operations / round.seconds);
    next = Math.ceil(best / 10);
  }
  return Math.ceil(best * ROUND_SECONDS);
}

/** Runs one round, after collecting the garbage of whatever was before. */
export async function runRound(workload: Workload, operations: number): Promise<Round> {
  // Twice: what the first one finds to be dead, the second one sweeps.
  globalThis.gc?.();
  globalThis.gc?.();
  const cpu = process.cpuUsage();
  const began = performance.now();
  const work = await workload.run(operations);
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    operations: work.operations,
    seconds,
    cpuMicroseconds: user + system,
    medianMicroseconds: work.medianMicroseconds,
  };
}
