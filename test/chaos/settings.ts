import type { switchedOff } from '../../src/runtime/fault-switch.ts';

/** What can be taken away. Deletions are forgotten by an option that there is anyway, the others by the fault switch. */
export type Guarantee = keyof typeof switchedOff | 'tombstones';

export const GUARANTEES: readonly Guarantee[] = ['versions', 'tombstones', 'epochs', 'leaseVoiding'];

/** One run of the checker: a seed, a size, and what the systems under test are given beside it. */
export interface RunSettings {
  readonly seed: number;
  readonly seconds: number;
  readonly processes: number;
  /** Near caches are on: what memory answers undegraded is held to `staleness`. */
  readonly near: boolean;
  /** Milliseconds that an answer of a near cache may be behind. */
  readonly staleness: number;
  /** Journals outlive their processes, in a Postgres. */
  readonly durable: boolean;
  /** A delete or newer write of any process voids the lease, not only one of the process that loads. */
  readonly fleetLeases: boolean;
  /** Guarantees to take away, to see that the checker notices. */
  readonly without: readonly Guarantee[];
  /** Options for every system, as JSON; `{data}` in it stands for a folder that a restarted process finds again. */
  readonly options: string;
}

/** What the next incarnation of a process finds again: a folder, and a Postgres where journals are to outlive it. */
export interface Kept {
  readonly data: string;
  readonly postgres: string | undefined;
}

/** What one process of the fleet is told. */
export interface WorkerSettings extends RunSettings {
  readonly process: number;
  /** Counts restarts of the same process. */
  readonly incarnation: number;
  readonly namespace: string;
  readonly port: number;
  readonly historyFile: string;
  readonly kept: Kept;
}

/** The last process lives in a namespace of its own, on the same Redis, with keys of the same names. */
export function namespaceOf(process: number, processes: number): string {
  return processes > 2 && process === processes - 1 ? 'other:' : 'chaos:';
}
