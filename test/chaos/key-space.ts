import { count, type Random } from './random.ts';

/** The kinds of keys keep apart what would explain each other's faults away: only some are touched, only some cleared. */
const PLAIN = names('plain', 120);
const TOUCHED = names('touched', 40);
const GROUPS = names('group', 8).map((group) => `${group}:`);
const CLEARED = GROUPS.flatMap((group) => names(group, 8));
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
export const anyGroup = (random: Random): string => popular(random, GROUPS);

function names(kind: string, number: number): string[] {
  return Array.from({ length: number }, (_, index) => `${kind.replace(/:$/, '')}:${index}`);
}
