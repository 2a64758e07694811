import type { Store } from '../assignment.ts';
import type { Contender } from '../contenders/contender.ts';
import { type Dataset, MEMORY_KEYS, makeDataset, REDIS_KEYS, uniformPositions } from '../dataset.ts';
import type { Work, Workload } from './workload.ts';

/** One operation on the key at a position of the dataset. */
type Operation = (position: number) => Promise<unknown>;

const FILL_BATCH = 250;

/** A number of callers, each awaiting one operation and then beginning the next, on keys drawn uniformly. */
export function closedLoop(
  contender: Contender,
  store: Store,
  callers: number,
  operationOn: (dataset: Dataset) => Operation,
): Workload {
  const dataset = makeDataset(store.kind === 'redis' ? REDIS_KEYS : MEMORY_KEYS);
  const operate = operationOn(dataset);
  const next = uniformPositions(dataset.keys.length);
  return {
    prepare: () => fill(contender, dataset),
    async run(operations: number): Promise<Work> {
      let left = operations;
      let missing = 0;
      const call = async (): Promise<void> => {
        while (left > 0) {
          left--;
          const answer = await operate(next());
          if (answer === undefined || answer === null || answer === false) missing++;
        }
      };
      const calls: Promise<void>[] = [];
      for (let caller = 0; caller < callers; caller++) calls.push(call());
      await Promise.all(calls);
      if (missing > 0) throw new Error(`${missing} of ${operations} operations found or stored nothing`);
      return { operations };
    },
  };
}

/** Stores the dataset, and makes sure that the contender hands out what it was given. */
export async function fill(contender: Contender, { keys, values }: Dataset): Promise<void> {
  for (let from = 0; from < keys.length; from += FILL_BATCH) {
    const batch = keys.slice(from, from + FILL_BATCH);
    await Promise.all(batch.map((key, offset) => contender.set(key, values[from + offset] ?? {})));
  }
  for (const [position, key] of keys.entries()) {
    if (position % 97 !== 0) continue;
    const value = JSON.stringify(await contender.get(key));
    if (value !== JSON.stringify(values[position])) throw new Error(`${key} came back as ${value}`);
  }
}
