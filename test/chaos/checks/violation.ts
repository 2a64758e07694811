import type { Operation } from '../history/record.ts';
import type { Observed } from '../run.ts';

/** A promise that was broken, with the fewest operations that show it. */
export interface Violation {
  /** The name of the check. */
  readonly check: string;
  readonly message: string;
  readonly process?: string;
  readonly key?: string;
  readonly operations: readonly Operation[];
}

/** Looks for one kind of broken promise. */
export type Check = (observed: Observed) => Violation[];
