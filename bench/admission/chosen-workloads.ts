import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { syntheticWorkloads, traceWorkload, type Workload } from './workloads.ts';

/**
 * @param trace the only one, where it is given
 * @param usual the trace to take beside the synthetic workloads, which need not be there
 * @param warn is told what was skipped
 * @throws TraceError where the trace cannot be read
 */
export async function chosenWorkloads(
  trace: string | undefined,
  usual: string,
  warn: (line: string) => void,
): Promise<Workload[]> {
  if (trace !== undefined) return [await traceWorkload(basename(trace), trace)];
  if (existsSync(usual)) return [await traceWorkload('trace', usual), ...syntheticWorkloads()];
  warn(`SKIPPED: the workload "trace", there is no ${usual}`);
  return syntheticWorkloads();
}
