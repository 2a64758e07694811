import type { Operation } from '../history/record.ts';
import type { Check } from './violation.ts';

/** A call may be refused because too much waits, and an asker may wait in vain for somebody else's load. */
const ALLOWED = ['OVERLOADED', 'JOURNAL_FULL'];

/** No call fails or hangs because Redis did, no actor crashes, and no rejection goes unhandled. */
export const nothingFails: Check = ({ history }) =>
  history.processes.flatMap(({ name, killed, mishaps, operations }) => {
    const failures = operations.flatMap((operation) => {
      const message = failureOf(operation, killed);
      return message === undefined ? [] : [{ message, operations: [operation] }];
    });
    const all = [...failures, ...mishaps.map((message) => ({ message, operations: [] }))];
    return all.map((failure) => ({ check: 'nothing-fails', process: name, ...failure }));
  });

function failureOf({ call, answer }: Operation, killed: boolean): string | undefined {
  if (answer === undefined) return killed ? undefined : `${call.op} was never answered`;
  const { error } = answer;
  if (error === undefined || ALLOWED.includes(error)) return undefined;
  if (call.op === 'acquire' && error === 'DEADLINE_EXCEEDED') return undefined;
  return `${call.op} failed with ${error}`;
}
