import { circuitBreakerActor } from '../../actors/circuit-breaker/actor.ts';
import { Remote } from '../../actors/circuit-breaker/remote.ts';
import { redisTrips } from '../../actors/circuit-breaker/round-trip.ts';
import { redisTierOptions } from '../config/redis-topology.ts';
import type { Options } from '../config/schema.ts';
import type { ChildSpec } from '../runtime/child-spec.ts';
import type { Clock } from '../runtime/clock.ts';
import type { EventBus } from '../runtime/events.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Instruments } from '../telemetry/instruments.ts';
import type { Tracing } from '../telemetry/port.ts';
import { failureKind } from '../tiers/redis/failures.ts';
import { RedisTier } from '../tiers/redis/redis-tier.ts';
import type { RemoteTier } from '../tiers/tier.ts';
import type { HybridClock } from '../wire/hybrid-clock.ts';

/** Milliseconds between probes of a closed breaker. */
const HEARTBEAT = 5_000;

export interface RedisActorParts {
  readonly clock: Clock;
  readonly tracing: Tracing;
  readonly instruments: Instruments;
  readonly logger: Logger;
  readonly events: EventBus;
  readonly time: HybridClock;
}

/** The Redis that is configured; undefined where none is. `onHistories` tells failovers from reconnections. */
export function redisTierOf(
  { redis, prefix }: Options,
  onHistories: (histories: readonly string[]) => void,
): RedisTier | undefined {
  return redis && new RedisTier(redisTierOptions(redis, prefix), onHistories);
}

/** The circuit-breaker actor in front of it. */
export function redisActor(
  options: Options,
  tier: RemoteTier | undefined,
  parts: RedisActorParts,
): ChildSpec | undefined {
  const { redis } = options;
  if (redis === undefined || tier === undefined) return undefined;
  const { clock, tracing, instruments, logger, events, time } = parts;
  const settings = redisTierOptions(redis, options.prefix);
  const { probe, resetTimeout, ...thresholds } = options.breaker;
  const isRefusal = (error: unknown): boolean => failureKind(error) === 'refused';
  return circuitBreakerActor({
    tier,
    remote: new Remote({
      trips: redisTrips(tier),
      clock,
      tracing,
      instruments,
      logger,
      database: settings.database,
    }),
    clock,
    gate: { ...thresholds, timeout: redis.commandTimeout, isRefusal },
    resetTimeout,
    probe,
    heartbeat: HEARTBEAT,
    events,
    onServerTime: ({ serverTime, roundTrip }) => time.correct(serverTime, roundTrip),
  });
}
