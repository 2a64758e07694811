/** What the callers of one contender do, again and again. */
export interface Workload {
  /** Stores what will be read. */
  prepare(): Promise<void>;
  /** Runs about so many operations and tells what it ran. */
  run(operations: number): Promise<Work>;
  /** Operations of a round, where they are not free to choose. */
  readonly size?: number;
}

export interface Work {
  readonly operations: number;
  readonly medianMicroseconds?: number;
}
