import type { Operation } from './record.ts';

/** One key that was read. */
export interface Reading {
  readonly operation: Operation;
  readonly process: string;
  readonly namespace: string;
  readonly key: string;
  readonly value: unknown;
  readonly invoked: number;
  readonly returned: number;
  /** Undefined where the call does not tell. */
  readonly tier: string | undefined;
  readonly degraded: boolean | undefined;
}

export function readingsOf(operation: Operation): Reading[] {
  const { process, namespace, invoked, returned, answer } = operation;
  const { tier, degraded } = answer ?? {};
  // JSON leaves out what is undefined, which makes it null in a pair.
  return (answer?.read ?? []).map(([key, value]) => ({
    operation,
    process,
    namespace,
    key,
    value: value ?? undefined,
    invoked,
    returned,
    tier,
    degraded,
  }));
}
