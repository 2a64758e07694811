/** Who is measured. */
export type ContenderName = 'understudy' | 'ioredis' | 'bentocache' | 'keyv' | 'cache-manager';

/** What its callers do. */
export type WorkloadName = 'get' | 'get-latency' | 'set' | 'get-or-set' | 'ask' | 'echo' | 'trace';

/** What a hit in memory hands out: a value of the caller's own, or the same object for all. */
export type Hits = 'copied' | 'shared';

/** What values are stored with: a TTL, or two of ten tags, or a grace, as well. */
export type Terms = 'plain' | 'tagged' | 'tagged with grace';

/** Where the values are: in one database of a Redis, or in the process. */
export type Store =
  | { readonly kind: 'redis'; readonly port: number; readonly database: number }
  | { readonly kind: 'memory' }
  /** In Redis, and in the process, which answers first. */
  | { readonly kind: 'near'; readonly port: number; readonly database: number };

/** All that a child process needs to know of its part in a race. */
export interface Assignment {
  readonly contender: ContenderName;
  readonly workload: WorkloadName;
  readonly store: Store;
  /** Of no meaning for values in Redis. */
  readonly hits: Hits;
  readonly terms: Terms;
  /** How many callers await one operation each. */
  readonly callers: number;
  /** Whether the process runs an OpenTelemetry SDK that samples nothing. */
  readonly tracing: 'off' | 'sampled-out';
  /** Operations of one round; by default as many as fill the time of a round. */
  readonly operations: number | undefined;
}

/** What one round of one side measured. */
export interface Round {
  readonly operations: number;
  readonly seconds: number;
  /** User and system time of the whole process, its garbage collection and compilation included. */
  readonly cpuMicroseconds: number;
  /** Of single operations, where the workload takes their time. */
  readonly medianMicroseconds: number | undefined;
}

/** From the parent to the child. */
export type Command =
  | { readonly type: 'prepare'; readonly assignment: Assignment }
  | { readonly type: 'run' }
  | { readonly type: 'end' };

/** From the child to the parent: one for every command. */
export type Report =
  | { readonly type: 'ready' }
  | { readonly type: 'round'; readonly round: Round }
  | { readonly type: 'failed'; readonly reason: string };
