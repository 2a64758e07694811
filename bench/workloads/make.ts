import type { Assignment } from '../assignment.ts';
import type { Contender } from '../contenders/contender.ts';
import { closedLoop } from './closed-loop.ts';
import { getLatency } from './latency.ts';
import { traceReplay } from './trace.ts';
import type { Workload } from './workload.ts';

export function makeWorkload(assignment: Assignment, contender: Contender): Workload {
  const { workload, store, callers, operations } = assignment;
  const { getOrSet, ask, echo } = contender;
  switch (workload) {
    case 'get':
      return closedLoop(contender, store, callers, ({ keys }) => {
        return (position) => contender.get(keys[position] ?? '');
      });
    case 'get-latency':
      return getLatency(contender, store);
    case 'set':
      return closedLoop(contender, store, callers, ({ keys, values }) => {
        return (position) => contender.set(keys[position] ?? '', values[position] ?? {});
      });
    case 'get-or-set':
      if (getOrSet === undefined) throw new Error(`${assignment.contender} has no getOrSet`);
      return closedLoop(contender, store, callers, ({ keys }) => {
        return (position) => getOrSet(keys[position] ?? '', refuseToLoad);
      });
    case 'ask':
      if (ask === undefined) throw new Error(`${assignment.contender} takes no messages`);
      return closedLoop(
        contender,
        store,
        callers,
        ({ keys }) =>
          (position) =>
            ask(keys[position] ?? ''),
      );
    case 'echo':
      if (echo === undefined) throw new Error(`${assignment.contender} has no actors`);
      return closedLoop(
        contender,
        store,
        callers,
        ({ keys }) =>
          (position) =>
            echo(keys[position] ?? ''),
      );
    case 'trace':
      return traceReplay(contender, callers, operations);
  }
}

function refuseToLoad(): Promise<never> {
  return Promise.reject(new Error('it had to load what it should have'));
}
