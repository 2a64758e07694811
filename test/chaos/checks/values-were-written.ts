import type { Call } from '../history/record.ts';
import type { Check } from './violation.ts';

/** A read never returns a value never written, nor one of another key or namespace. */
export const valuesWereWritten: Check = ({ history, final }) => {
  const written = new Map<string, { place: string; invoked: number }>();
  for (const { namespace, operations } of history.processes) {
    for (const { call, invoked } of operations) {
      for (const [key, value] of writtenBy(call)) written.set(value, { place: namespace + key, invoked });
    }
  }
  const problem = (place: string, value: unknown, returned: number): string | undefined => {
    const source = typeof value === 'string' ? written.get(value) : undefined;
    if (source === undefined) return `${JSON.stringify(value)} was read, which nobody wrote`;
    if (source.place !== place) return `a value of ${source.place} was read`;
    return source.invoked > returned ? 'a value was read before it was written' : undefined;
  };
  const isCounter = (key: string): boolean => key.startsWith('counter:');
  const readings = history.keys.flatMap(({ namespace, key, readings }) =>
    readings.flatMap(({ value, returned, operation, process }) => {
      if (value === undefined || (isCounter(key) && Number.isInteger(value))) return [];
      const message = problem(namespace + key, value, returned);
      return message === undefined
        ? []
        : [{ check: 'values-were-written', message, process, key, operations: [operation] }];
    }),
  );
  const ends = final.snapshots.flatMap(({ holder, namespace, values }) =>
    [...values].flatMap(([key, value]) => {
      if (value === undefined || value === null || (isCounter(key) && Number.isInteger(value))) return [];
      const message = problem(namespace + key, value, final.at);
      return message === undefined
        ? []
        : [{ check: 'values-were-written', message, process: holder, key, operations: [] }];
    }),
  );
  return [...readings, ...ends];
};

/** What was loaded is answered to those who wait for it, also when it is not stored; from when the lease was granted. */
function writtenBy(call: Call): readonly (readonly [key: string, value: string])[] {
  if (call.op === 'setMany') return call.entries;
  return call.op === 'set' || call.op === 'fulfil' ? [[call.key, call.value]] : [];
}
