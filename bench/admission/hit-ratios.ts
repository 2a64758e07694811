import { CONTESTANTS } from './contestants.ts';
import type { Policy } from './policies/policy.ts';
import type { Workload } from './workloads.ts';

export interface HitRatios {
  readonly workload: string;
  readonly capacity: number;
  /** By the name of the policy, 0 to 1. */
  readonly hitRatios: Readonly<Record<string, number>>;
}

/** Of all policies, side by side; hands out the control after each. */
export function* hitRatiosOf(workload: Workload, capacity: number): Generator<string, HitRatios, undefined> {
  const hitRatios: Record<string, number> = {};
  for (const { name, make } of CONTESTANTS) {
    yield `${workload.name}, ${capacity} keys: ${name}`;
    hitRatios[name] = hitRatio(make(workload.boundsFor(capacity), workload.keys), workload);
  }
  return { workload: workload.name, capacity, hitRatios };
}

/** Of a cache that is empty in the beginning. */
function hitRatio(policy: Policy, { keys, bytes }: Workload): number {
  let hits = 0;
  for (const [at, key] of keys.entries()) if (policy.access(key, bytes?.[at] ?? 1)) hits++;
  return hits / keys.length;
}
