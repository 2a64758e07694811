import { performance } from 'node:perf_hooks';
import type { Store } from '../assignment.ts';
import type { Contender } from '../contenders/contender.ts';
import { MEMORY_KEYS, makeDataset, REDIS_KEYS, uniformPositions } from '../dataset.ts';
import { fill } from './closed-loop.ts';
import type { Work, Workload } from './workload.ts';

/** One caller that takes the time of each of its reads. */
export function getLatency(contender: Contender, store: Store): Workload {
  const dataset = makeDataset(store.kind === 'redis' ? REDIS_KEYS : MEMORY_KEYS);
  const next = uniformPositions(dataset.keys.length);
  return {
    prepare: () => fill(contender, dataset),
    async run(operations: number): Promise<Work> {
      const times = new Float64Array(operations);
      for (let at = 0; at < operations; at++) {
        const key = dataset.keys[next()] ?? '';
        const began = performance.now();
        const value = await contender.get(key);
        times[at] = performance.now() - began;
        if (value === undefined || value === null) throw new Error(`${key} was not found`);
      }
      times.sort();
      return { operations, medianMicroseconds: 1000 * (times[operations >> 1] ?? 0) };
    },
  };
}
