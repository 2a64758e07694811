import { check } from '../checks/check.ts';
import type { Violation } from '../checks/violation.ts';
import type { Injected } from '../faults/inject.ts';
import type { Operation } from '../history/record.ts';
import type { Observed } from '../run.ts';

/** What a run of the checker tells, as JSON. */
export interface Result {
  readonly seed: number;
  readonly operations: number;
  readonly faults: number;
  readonly violations: readonly ReportedViolation[];
  /** How many more there were that say the same of another moment. */
  readonly alike: number;
}

export interface ReportedViolation extends Pick<Violation, 'check' | 'message' | 'process' | 'key'> {
  /** The shortest history that shows it, in the order of invocation; milliseconds since the first. */
  readonly history: readonly string[];
  /** Faults that were on meanwhile. */
  readonly during: readonly string[];
}

/** Most operations that are told of one violation. */
const LONGEST = 40;

export function resultOf(observed: Observed): Result {
  const all = check(observed);
  // One of each kind, key and process, the one with the shortest history.
  const first = new Map<string, Violation>();
  for (const violation of all) {
    const name = `${violation.check} ${violation.message.replace(/\d+/g, '#')} ${violation.key}`;
    const known = first.get(name);
    if (known === undefined || violation.operations.length < known.operations.length)
      first.set(name, violation);
  }
  const { seed } = observed.settings;
  return {
    seed,
    operations: observed.history.size,
    faults: observed.faults.length,
    violations: [...first.values()].map((violation) => reported(violation, observed.faults)),
    alike: all.length - first.size,
  };
}

function reported({ operations, ...violation }: Violation, faults: readonly Injected[]): ReportedViolation {
  const ordered = [...operations].sort((a, b) => a.invoked - b.invoked).slice(0, LONGEST);
  const began = ordered[0]?.invoked ?? 0;
  const ended = Math.max(
    ...ordered.map(({ returned, invoked }) => (returned < Infinity ? returned : invoked)),
  );
  const { check, message, process, key } = violation;
  return {
    check,
    message,
    ...(process === undefined ? {} : { process }),
    ...(key === undefined ? {} : { key }),
    history: ordered.map((operation) => describeOperation(operation, began)),
    during: faults
      .filter(({ from, to }) => ordered.length > 0 && from <= ended && to >= began)
      .map((injected) => describeFault(injected, began)),
  };
}

function describeOperation({ process, call, invoked, returned, answer }: Operation, began: number): string {
  const { op, ...what } = call;
  const interval = `[${(invoked - began).toFixed(1)}, ${returned < Infinity ? (returned - began).toFixed(1) : '…'}]`;
  const granted = 'granted' in what ? { ...what, granted: Number((what.granted - began).toFixed(1)) } : what;
  return `${interval} ${process} ${op} ${JSON.stringify(granted)} -> ${JSON.stringify(answer ?? 'unknown')}`;
}

function describeFault({ fault, from, to }: Injected, began: number): string {
  const { kind, at: _at, lasts: _lasts, ...rest } = fault;
  return `[${(from - began).toFixed(0)}, ${(to - began).toFixed(0)}] ${kind} ${JSON.stringify(rest)}`;
}
