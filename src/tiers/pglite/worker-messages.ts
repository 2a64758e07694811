import type { SqlParameter, SqlRow } from '../postgres/sql.ts';

/** A statement; without parameters a script; without a text the end. */
export interface WorkerRequest {
  readonly id: number;
  readonly text?: string;
  readonly parameters?: readonly SqlParameter[];
}

/** The answer to the request with this id; 0 when the database is open. */
export type WorkerReply =
  | { readonly id: number; readonly rows: readonly SqlRow[] }
  | { readonly id: number; readonly error: string };
