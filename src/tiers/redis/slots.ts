import { Cluster } from 'ioredis';
import type { RedisClient } from './client.ts';
import { slotOf } from './slot.ts';

/** Items that one command may touch together, with their places in the whole. */
export interface Group<T> {
  readonly items: readonly T[];
  readonly places: readonly number[];
}

/** Splits items so that no group crosses a slot of a Cluster; one group on anything else. */
export function groupBySlot<T>(
  client: RedisClient,
  items: readonly T[],
  key: (item: T) => string,
): readonly Group<T>[] {
  if (!(client instanceof Cluster)) return [{ items, places: [] }];
  const groups = new Map<number, { items: T[]; places: number[] }>();
  for (let place = 0; place < items.length; place++) {
    const item = items[place] as T;
    const slot = slotOf(key(item));
    const group = groups.get(slot);
    if (group === undefined) groups.set(slot, { items: [item], places: [place] });
    else {
      group.items.push(item);
      group.places.push(place);
    }
  }
  return [...groups.values()];
}

/**
 * Runs every group and puts the results back in the order of the items. What a failed group held is filled by `lost`;
 * when every group failed, so does the whole, with the first error.
 */
export async function runGroups<T, R>(
  groups: readonly Group<T>[],
  run: (items: readonly T[]) => Promise<readonly R[]>,
  lost: (error: unknown) => R,
): Promise<readonly R[]> {
  const only = groups.length === 1 ? groups[0] : undefined;
  if (only !== undefined) return run(only.items);
  const settled = await Promise.allSettled(groups.map((group) => run(group.items)));
  const failed = settled.filter((result) => result.status === 'rejected');
  if (failed[0] !== undefined && failed.length === settled.length) throw failed[0].reason;
  const results: R[] = [];
  for (const [at, group] of groups.entries()) {
    const result = settled[at];
    for (const [index, place] of group.places.entries()) {
      if (result?.status === 'fulfilled') results[place] = result.value[index] as R;
      else results[place] = lost(result?.reason);
    }
  }
  return results;
}
