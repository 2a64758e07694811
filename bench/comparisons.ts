import { THROUGHPUT, TIME_PER_OPERATION } from './figures.ts';
import type { Race } from './race.ts';
import {
  against,
  GET_256,
  MEMORY_HIT,
  nearHit,
  notCopying,
  type Row,
  SET_256,
  sampledOut,
  type Task,
} from './row.ts';

const GET_OR_SET_HIT: Task = { workload: 'get-or-set', store: 'memory', callers: 1 };

function copying(peer: 'bentocache' | 'cache-manager'): Race {
  return { ...against(peer, MEMORY_HIT), peer: { contender: peer, hits: 'copied' } };
}

/** What nothing was promised of, and is worth knowing. */
export const COMPARISONS: readonly Row[] = [
  {
    kind: 'race',
    id: 'redis-get-256-cache-manager',
    title: 'get from Redis, 256 callers',
    race: against('cache-manager', GET_256),
    figure: THROUGHPUT,
  },
  {
    kind: 'race',
    id: 'redis-get-256-keyv',
    title: 'get from Redis, 256 callers',
    race: against('keyv', GET_256),
    figure: THROUGHPUT,
  },
  {
    kind: 'race',
    id: 'redis-set-256-bentocache',
    title: 'set in Redis with a TTL, 256 callers',
    race: against('bentocache', SET_256),
    figure: THROUGHPUT,
  },
  {
    kind: 'race',
    id: 'trace',
    title: "a language model's trace: getMany, then setMany of what is missing, 32 callers",
    race: against('ioredis', { workload: 'trace', store: 'redis', callers: 32, fromEmpty: true }),
    figure: THROUGHPUT,
  },
  {
    kind: 'race',
    id: 'get-or-set-hit-bentocache',
    title: 'getOrSet from memory',
    race: against('bentocache', GET_OR_SET_HIT),
    figure: TIME_PER_OPERATION,
  },
  {
    kind: 'race',
    id: 'get-or-set-hit-cache-manager',
    title: 'getOrSet from memory (`wrap`)',
    race: against('cache-manager', GET_OR_SET_HIT),
    figure: TIME_PER_OPERATION,
  },
  {
    kind: 'race',
    id: 'memory-hit-copies-bentocache',
    title: 'get from memory, both copying',
    race: copying('bentocache'),
    figure: TIME_PER_OPERATION,
  },
  {
    kind: 'race',
    id: 'memory-hit-copies-cache-manager',
    title: 'get from memory, both copying',
    race: copying('cache-manager'),
    figure: TIME_PER_OPERATION,
  },
  {
    kind: 'race',
    id: 'memory-hit-default-bentocache',
    title: 'get from memory, copying by default; the peer shares one object',
    race: against('bentocache', MEMORY_HIT),
    figure: TIME_PER_OPERATION,
  },
  {
    kind: 'race',
    id: 'memory-hit-default-cache-manager',
    title: 'get from memory, copying by default; the peer shares one object',
    race: against('cache-manager', MEMORY_HIT),
    figure: TIME_PER_OPERATION,
  },
  {
    kind: 'race',
    id: 'memory-hit-frozen',
    title: 'get from memory, one frozen object for all, against a copy for each',
    race: notCopying('frozen'),
    figure: TIME_PER_OPERATION,
  },
  {
    kind: 'race',
    id: 'memory-hit-shared',
    title: 'get from memory, one object for all, against a copy for each',
    race: notCopying('shared'),
    figure: TIME_PER_OPERATION,
  },
  {
    kind: 'race',
    id: 'near-hit-shared',
    title: 'get from memory in place of Redis, both sharing one object, against memory without Redis',
    race: nearHit('shared'),
    figure: TIME_PER_OPERATION,
  },
  {
    kind: 'staleness',
    id: 'near-staleness-median',
    title: 'from a write, of 10,000/s, to the last stale read in 8 other processes: p50',
    percentile: 'p50',
  },
  {
    kind: 'race',
    id: 'ask-hit',
    title: 'the message `cache.get`, answered from memory',
    race: { own: { contender: 'understudy' }, workload: 'ask', store: 'memory', callers: 1 },
    figure: TIME_PER_OPERATION,
  },
  {
    kind: 'race',
    id: 'ask-actor',
    title: "a message to an actor of the application's own, and its reply",
    race: { own: { contender: 'understudy' }, workload: 'echo', store: 'memory', callers: 1 },
    figure: TIME_PER_OPERATION,
  },
  {
    kind: 'race',
    id: 'tracing-sampled-out-memory',
    title: 'get from memory, traces sampled out',
    race: sampledOut(MEMORY_HIT),
    figure: TIME_PER_OPERATION,
  },
];
