import { seededRandom } from '../servers/seeded-random.ts';

/** Numbers in [0, 1). */
export type Random = () => number;

/** A sequence of its own for each purpose, so that one more draw here changes nothing there. */
export function randomFor(seed: number, purpose: string): Random {
  let hash = seed;
  for (const character of purpose) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return seededRandom(hash);
}

/** A whole number from `least` to `most`. */
export function count(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

export function pick<T>(random: Random, weighted: readonly (readonly [weight: number, item: T])[]): T {
  let left = random() * weighted.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, item] of weighted) {
    left -= weight;
    if (left < 0) return item;
  }
  const last = weighted.at(-1);
  if (last === undefined) throw new Error('there is nothing to pick from');
  return last[1];
}
