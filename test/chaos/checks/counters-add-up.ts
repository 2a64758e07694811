import type { Change } from '../history/change.ts';
import type { KeyHistory } from '../history/history.ts';
import type { Operation } from '../history/record.ts';
import type { Check, Violation } from './violation.ts';

/**
 * The sum of what was acknowledged is exact in the end; what nobody knows about counts once or not at all. What went with
 * the deletions of a journal that overflowed may be missing.
 */
export const countersAddUp: Check = ({ history, final }) => {
  const inRedis = final.snapshots.filter(({ holder }) => holder === 'redis');
  return history.keys.flatMap((each) => {
    const increments = each.changes.filter(({ kind }) => kind === 'increment');
    if (increments.length === 0) return [];
    const held = inRedis.find(({ namespace }) => namespace === each.namespace)?.values.get(each.key) ?? 0;
    const least = each.overflows.length > 0 ? 0 : sum(increments.filter(({ lasting }) => lasting));
    const most = sum(increments);
    const exact = typeof held === 'number' && held >= least && held <= most;
    const end: Violation[] = exact
      ? []
      : [
          {
            check: 'counters-add-up',
            message: `${each.namespace}${each.key} holds ${held}, expected ${least === most ? least : `${least} to ${most}`}`,
            process: 'redis',
            key: each.key,
            operations: suspects(increments),
          },
        ];
    return [...end, ...wentBack(each, increments)];
  });
};

function sum(increments: readonly Change[]): number {
  return increments.reduce((total, { by }) => total + by, 0);
}

/** Those that did not simply succeed: one of them was counted twice, or not at all. */
function suspects(increments: readonly Change[]): Operation[] {
  return increments.filter(({ durable }) => !durable).map(({ operation }) => operation);
}

/** Nothing is taken away but by an overflow, so what one process sees never falls. */
function wentBack({ key, readings, overflows }: KeyHistory, increments: readonly Change[]): Violation[] {
  if (overflows.length > 0) return [];
  const seen = [
    ...readings.map(({ process, value, operation }) => ({ process, value: Number(value ?? 0), operation })),
    ...increments.flatMap(({ process, operation }) =>
      operation.answer?.value === undefined ? [] : [{ process, value: operation.answer.value, operation }],
    ),
  ].sort((a, b) => a.operation.invoked - b.operation.invoked);
  return seen.flatMap(({ process, value, operation }) => {
    const higher = seen.find(
      (other) =>
        other.process === process && other.value > value && other.operation.returned < operation.invoked,
    );
    if (higher === undefined) return [];
    const message = `a counter went back from ${higher.value} to ${value}`;
    return [{ check: 'counters-add-up', message, process, key, operations: [higher.operation, operation] }];
  });
}
