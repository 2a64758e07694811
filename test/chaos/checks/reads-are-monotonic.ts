import { type Change, leavesNothing, leavesValue } from '../history/change.ts';
import type { KeyHistory } from '../history/history.ts';
import { Order } from '../history/order.ts';
import type { Reading } from '../history/reading.ts';
import type { Operation } from '../history/record.ts';
import type { Check, Violation } from './violation.ts';

/** A change that a process knows of, since when, and by what. */
interface Known {
  readonly change: Change;
  readonly since: number;
  readonly by: Operation;
}

/** In one process no read goes back behind what the process has read or written before, outage or not. */
export const readsAreMonotonic: Check = ({ history, settings }) =>
  history.keys.flatMap((key) => {
    const order = new Order(key, settings.fleetLeases);
    const processes = new Set(key.readings.map(({ process }) => process));
    return [...processes].flatMap((process) => inProcess(key, process, order));
  });

function inProcess({ key, changes, readings }: KeyHistory, process: string, order: Order): Violation[] {
  const own = readings.filter((reading) => reading.process === process);
  const known = knownTo(process, changes, own, order);
  const found: Violation[] = [];
  for (const reading of own) {
    for (const { change, since, by } of known) {
      if (since >= reading.invoked) continue;
      const message = contradiction(reading, change, order);
      if (message === undefined || wasForgotten(reading, since, changes)) continue;
      const writer = order.writerOf(reading.value);
      const all = [writer?.operation, change.operation, by, reading.operation];
      const operations = [...new Set(all.filter((operation) => operation !== undefined))];
      found.push({ check: 'reads-are-monotonic', message, process, key, operations });
      break;
    }
  }
  return found;
}

function contradiction(reading: Reading, change: Change, order: Order): string | undefined {
  if (reading.value === undefined) {
    if (!leavesValue(change) || order.mayBeGone(change, reading.returned)) return undefined;
    return reading.degraded ? 'a value that the process knew was missed' : 'a value vanished';
  }
  const writer = order.writerOf(reading.value);
  if (writer === undefined || !order.hides(change, writer)) return undefined;
  return leavesNothing(change) ? 'a deleted value came back' : 'an older value came back';
}

/** What memory holds of a change that was refused afterwards is not answered any more, nor what it held before. */
function wasForgotten(
  { process, value, degraded, returned }: Reading,
  since: number,
  changes: readonly Change[],
): boolean {
  if (value !== undefined || degraded === false) return false;
  return changes.some(
    (other) =>
      other.refused &&
      other.process === process &&
      other.invoked < returned &&
      other.operation.returned > since,
  );
}

/** What it wrote and what it read. */
function knownTo(
  process: string,
  changes: readonly Change[],
  own: readonly Reading[],
  order: Order,
): Known[] {
  const written = changes
    .filter((change) => change.process === process && change.acknowledged && change.kind !== 'touch')
    .map((change) => ({ change, since: change.returned, by: change.operation }));
  const read = own.flatMap(({ value, returned, operation }) => {
    const change = order.writerOf(value);
    return change === undefined ? [] : [{ change, since: returned, by: operation }];
  });
  return [...written, ...read].filter(({ change }) => change.kind !== 'increment');
}
