/** When what happens, in milliseconds from the beginning. */
export interface Script {
  readonly kill: number;
  readonly back: number;
  readonly end: number;
}

export const FULL: Script = { kill: 7_000, back: 18_000, end: 28_000 };
export const FAST: Script = { kill: 2_000, back: 4_500, end: 7_000 };
