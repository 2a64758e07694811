/** What is needed of a terminal; `process.stdout` and `process.stderr` are one each. */
export interface Screen {
  readonly isTTY: boolean;
  readonly columns: number;
  readonly rows: number;
  write(text: string): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

export const CLEAR_TO_END_OF_LINE = '\u001b[K';
