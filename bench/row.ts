import type { ContenderName } from './assignment.ts';
import type { Figure } from './figures.ts';
import type { Race } from './race.ts';

/** What a row has to keep. */
export interface Limit {
  readonly at: 'least' | 'most';
  readonly value: number;
  /** Whether the ratio to the peer is limited, or Understudy's own figure. */
  readonly of: 'ratio' | 'value';
}

interface RowBase {
  readonly id: string;
  readonly title: string;
  /** Must be kept; a row without one is there for comparison only. */
  readonly bar?: Limit;
  readonly aim?: Limit;
}

export interface RaceRow extends RowBase {
  readonly kind: 'race';
  /** Rows with the same race share its rounds. */
  readonly race: Race;
  readonly figure: Figure;
}

/** The running service: how soon it is ready, how big it is. */
export interface ServiceRow extends RowBase {
  readonly kind: 'start' | 'idle';
}

/** How far near reads are behind a write elsewhere. */
interface StalenessRow extends RowBase {
  readonly kind: 'staleness';
  readonly percentile: 'p50' | 'p99';
}

/** By how much compressing values makes the event loop later. */
interface LoopDelayRow extends RowBase {
  readonly kind: 'loop-delay';
}

/** What a million entries take in memory, against a plain lru-cache that holds the same texts. */
interface FootprintRow extends RowBase {
  readonly kind: 'footprint';
  readonly task: 'set' | 'read' | 'redis';
}

export type Row = RaceRow | ServiceRow | StalenessRow | FootprintRow | LoopDelayRow;

export function isRaced(row: Row): row is RaceRow {
  return row.kind === 'race';
}

export const atLeast = (value: number): Limit => ({ at: 'least', value, of: 'ratio' });
export const atMost = (value: number): Limit => ({ at: 'most', value, of: 'ratio' });
export const figureAtMost = (value: number): Limit => ({ at: 'most', value, of: 'value' });

/** What callers do, whoever serves them. */
export type Task = Omit<Race, 'own' | 'peer'>;

export const GET_256: Task = { workload: 'get', store: 'redis', callers: 256 };
export const SET_256: Task = { workload: 'set', store: 'redis', callers: 256 };
export const MEMORY_HIT: Task = { workload: 'get', store: 'memory', callers: 1 };

export function against(peer: Exclude<ContenderName, 'understudy'>, task: Task): Race {
  return { own: { contender: 'understudy' }, peer: { contender: peer }, ...task };
}

/** Hits of memory where both hand out the object itself, as the peers do where their documentation says they are fastest. */
export function sharing(peer: Exclude<ContenderName, 'understudy'>): Race {
  return { ...against(peer, MEMORY_HIT), own: { contender: 'understudy', hits: 'shared' } };
}

/** Hits of memory in place of Redis, against hits of a memory that has no Redis. */
export function nearHit(hits: 'copied' | 'shared'): Race {
  return {
    ...MEMORY_HIT,
    own: { contender: 'understudy', near: true, hits },
    peer: { contender: 'understudy', hits },
  };
}

/** Hits of memory that hand out one value for all, against those that copy. */
export function notCopying(hits: 'frozen' | 'shared'): Race {
  return {
    ...MEMORY_HIT,
    own: { contender: 'understudy', hits },
    peer: { contender: 'understudy', hits: 'copied' },
  };
}

/** Understudy in an application that traces, but not this time, against itself where nobody traces. */
export function sampledOut(task: Task): Race {
  return {
    own: { contender: 'understudy', tracing: 'sampled-out' },
    peer: { contender: 'understudy' },
    ...task,
  };
}
