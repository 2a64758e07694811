import { count, type Random } from './random.ts';

/** The kinds of keys keep apart what would explain each other's faults away: only some are touched, only some cleared. */
const PLAIN = names('plain', 120);
const TOUCHED = names('touched', 40);
/** Cleared key by key, by a tag that all of them bear, and as a namespace. */
const GROUPS = names('group', 8).map((group) => `${group}:`);
const TAGGED = names('tagged', 6).map((group) => `${group}:`);
const HOUSES = ['house-0', 'house-1', 'house-2'];
const CLEARED = [...GROUPS, ...TAGGED, ...HOUSES].flatMap((group) => names(group, 8));
export const NAMESPACES = Object.fromEntries(HOUSES.map((name) => [name, {}]));

export const COUNTERS: readonly string[] = names('counter', 24);
export const REGISTERS: readonly string[] = [...PLAIN, ...TOUCHED, ...CLEARED];

/** Popular keys are asked for more often, so that processes meet. */
function popular(random: Random, keys: readonly string[]): string {
  return keys[Math.floor(keys.length * random() ** 2)] ?? 'plain:0';
}

export const anyRegister = (random: Random): string =>
  popular(random, [PLAIN, TOUCHED, CLEARED][count(random, 0, 2)] ?? PLAIN);
export const anyTouched = (random: Random): string => popular(random, TOUCHED);
export const anyCounter = (random: Random): string => popular(random, COUNTERS);
export const anyGroup = (random: Random): string =>
  popular(random, [GROUPS, TAGGED, HOUSES.map((name) => `${name}:`)][count(random, 0, 2)] ?? GROUPS);

/** The tag that a key always bears, which is the prefix of all that do. */
export function tagOf(key: string): string | undefined {
  return /^tagged:\d+:/.exec(key)?.[0];
}

/** What everything at a key depends on, as it is called in Redis. */
export function markerOf(key: string): string | undefined {
  const tag = tagOf(key);
  if (tag !== undefined) return `~tag:${tag}`;
  const house = HOUSES.find((name) => key.startsWith(`${name}:`));
  return house === undefined ? undefined : `~namespace:${house}`;
}

function names(kind: string, number: number): string[] {
  return Array.from({ length: number }, (_, index) => `${kind.replace(/:$/, '')}:${index}`);
}
