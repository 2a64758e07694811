import type { KeySpace } from '../../wire/keys.ts';
import { readValue, tagsTextOf, UNREADABLE, valueTextOf } from '../../wire/stored.ts';
import type { Keyspace } from './keyspace.ts';

/** What changes are made on, and on whose terms. Times in milliseconds. */
export interface Ground {
  readonly keyspace: Keyspace;
  readonly space: KeySpace;
  /** How long a deletion is remembered. */
  readonly tombstoneTtl: number;
  /** How long it is remembered which increments were made. */
  readonly receiptTtl: number;
}

/** The whole number in a stored text, also one that somebody else wrote. */
export function numberIn(stored: string): number | undefined {
  const text = valueTextOf(stored);
  const counts = /^-?\d+$/.test(text) && readValue(stored) !== UNREADABLE && tagsTextOf(stored) === '';
  return counts ? Number(text) : undefined;
}

/** The sum, or undefined where it would not be exact. */
export function exactSum(number: number | undefined, by: number): number | undefined {
  const sum = (number ?? Number.NaN) + by;
  return Math.abs(sum) <= Number.MAX_SAFE_INTEGER ? sum : undefined;
}
