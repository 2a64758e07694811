/** From the parent to a process that writes or reads. Times are milliseconds of a clock that all processes share. */
export type StalenessCommand =
  | { readonly type: 'prepare'; readonly role: 'writer' | 'reader'; readonly port: number }
  /** The writer writes for so long; readers read until they are told to stop. */
  | { readonly type: 'run'; readonly milliseconds: number }
  | { readonly type: 'stop' };

/** From the child to the parent: one for every command. */
export type StalenessReport =
  | { readonly type: 'ready' }
  /** When each number was written, and how many writes there were in all. */
  | {
      readonly type: 'written';
      readonly at: readonly (readonly [value: number, at: number])[];
      readonly writes: number;
    }
  /** When each number was read last, and how many reads memory answered in place of Redis. */
  | {
      readonly type: 'read';
      readonly last: readonly (readonly [value: number, at: number])[];
      readonly near: number;
    }
  | { readonly type: 'failed'; readonly reason: string };

/** The key whose staleness is measured, among the writes of others. */
export const PROBE = 'probe';

/** The monotonic clock of the machine. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
