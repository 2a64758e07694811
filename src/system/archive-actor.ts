import { Archive } from '../../actors/cache/archive.ts';
import { ArchiveBacklog } from '../../actors/cache/archive-backlog.ts';
import { circuitBreakerActor } from '../../actors/circuit-breaker/actor.ts';
import { ARCHIVE_METRICS, archiveTrips } from '../../actors/circuit-breaker/archive-trips.ts';
import { Remote } from '../../actors/circuit-breaker/remote.ts';
import { DEFAULTS } from '../config/defaults.ts';
import type { Options } from '../config/schema.ts';
import type { ChildSpec } from '../runtime/child-spec.ts';
import type { ArchiveTier } from '../tiers/archive-tier.ts';
import type { DurableSessions } from '../tiers/durable-sessions.ts';
import { LazyArchiveTier } from '../tiers/lazy-archive-tier.ts';
import { isUnwillingSql } from '../tiers/sql-failures.ts';
import type { ProbeReport } from '../tiers/tier.ts';
import type { HybridClock } from '../wire/hybrid-clock.ts';
import { ttlMilliseconds } from '../wire/ttl.ts';
import type { RedisActorParts } from './redis-actor.ts';

/** Milliseconds between probes of a closed breaker. */
const HEARTBEAT = 5_000;

/** What is known of the durable tier where it is to keep values; undefined where it is not. */
export function archiveOf({ durable, journal }: Options, time: HybridClock): Archive | undefined {
  if (durable?.values === undefined) return undefined;
  const { every, batch } = durable.values.prune;
  const kind = durable.url === undefined ? 'pglite' : 'postgres';
  return new Archive({ kind, pruneEvery: every, pruneBatch: batch }, new ArchiveBacklog(journal, time));
}

/** The circuit-breaker actor in front of it. */
export function archiveActor(
  options: Options,
  sessions: DurableSessions | undefined,
  parts: RedisActorParts,
): ChildSpec | undefined {
  const { durable, redis, prefix } = options;
  if (durable?.values === undefined || sessions === undefined) return undefined;
  const { clock, tracing, instruments, logger, events, time } = parts;
  const { address, database } = sessions;
  const tier: ArchiveTier = new LazyArchiveTier(sessions, {
    space: prefix,
    ttl: durable.values.ttl,
    tombstoneTtl: redis?.tombstoneTtl ?? ttlMilliseconds(DEFAULTS.redis.tombstoneTtl),
    now: () => time.now(),
    address,
  });
  const { probe, resetTimeout, ...thresholds } = options.breaker;
  const trips = archiveTrips(tier);
  return circuitBreakerActor({
    id: 'archive',
    news: 'archive',
    idempotent: ['archive.read', 'archive.replay', 'archive.clear'],
    tier,
    remote: new Remote({ trips, clock, tracing, instruments, logger, database, metrics: ARCHIVE_METRICS }),
    clock,
    gate: { ...thresholds, timeout: durable.values.timeout, isRefusal: isUnwillingSql },
    resetTimeout,
    probe,
    heartbeat: HEARTBEAT,
    events,
    onServerTime: redis === undefined ? corrects(time) : assumes(time),
  });
}

/** Without Redis, instances that share a Postgres agree on its time. */
function corrects(time: HybridClock) {
  return ({ serverTime, roundTrip }: ProbeReport): void => time.correct(serverTime, roundTrip);
}

/** Until Redis is heard of, what goes to the durable tier is not to be signed by a local clock that may be off by anything. */
function assumes(time: HybridClock) {
  let assumed = false;
  return ({ serverTime, roundTrip }: ProbeReport): void => {
    if (!assumed) time.assume(serverTime, roundTrip);
    assumed = true;
  };
}
