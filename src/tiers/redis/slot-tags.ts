import { SLOTS, slotOf } from './slot.ts';

let tags: readonly string[] | undefined;

/** A short hash tag that leads to a slot: what has no key of its own can stand beside the keys that it is about. */
export function tagOf(slot: number): string {
  tags ??= found();
  return tags[slot] ?? '';
}

function found(): string[] {
  const bySlot: string[] = [];
  for (let number = 0, missing = SLOTS; missing > 0; number++) {
    const tag = number.toString(36);
    const slot = slotOf(tag);
    if (bySlot[slot] !== undefined) continue;
    bySlot[slot] = tag;
    missing--;
  }
  return bySlot;
}
