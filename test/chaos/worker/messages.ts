/** What the run asks of a worker process. */
export type WorkerCommand =
  /** Stop the load and say when the last call was answered. */
  | { readonly type: 'quiesce' }
  /** Whether anything is still to be brought to Redis. */
  | { readonly type: 'status' }
  /** Read all keys. */
  | { readonly type: 'read' }
  /** Drain and end. */
  | { readonly type: 'stop' };

export interface WorkerStatus {
  readonly closed: boolean;
  readonly journal: number;
  readonly waiting: number;
  /** Whether its journal is where it is to be kept. */
  readonly kept: boolean;
}

/** What a worker answers; `ready` without being asked. */
export type WorkerReport =
  | { readonly type: 'ready' }
  | { readonly type: 'quiet' }
  | { readonly type: 'status'; readonly status: WorkerStatus }
  | { readonly type: 'values'; readonly values: readonly (readonly [key: string, value: unknown])[] }
  | { readonly type: 'stopped' };
