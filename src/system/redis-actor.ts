import { circuitBreakerActor } from '../../actors/circuit-breaker/actor.ts';
import { Remote } from '../../actors/circuit-breaker/remote.ts';
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
import type { HybridClock } from '../wire/hybrid-clock.ts';
import type { Failovers } from './failovers.ts';

/** Milliseconds between probes of a closed breaker. */
const HEARTBEAT = 5_000;

export interface RedisActorParts {
  readonly clock: Clock;
  readonly tracing: Tracing;
  readonly instruments: Instruments;
  readonly logger: Logger;
  readonly events: EventBus;
  readonly time: HybridClock;
  readonly failovers: Failovers;
}

/** The circuit-breaker actor in front of the Redis that is configured; undefined where none is. */
export function redisActor(options: Options, parts: RedisActorParts): ChildSpec | undefined {
  const { redis } = options;
  if (redis === undefined) return undefined;
  const { clock, tracing, instruments, logger, events, time, failovers } = parts;
  const settings = redisTierOptions(redis, options.prefix);
  const tier = new RedisTier(settings, failovers.saw);
  const { probe, ...thresholds } = options.breaker;
  const isRefusal = (error: unknown): boolean => failureKind(error) === 'refused';
  return circuitBreakerActor({
    tier,
    remote: new Remote({ tier, clock, tracing, instruments, logger, database: settings.database }),
    clock,
    gate: { ...thresholds, timeout: redis.commandTimeout, isRefusal },
    probe,
    heartbeat: HEARTBEAT,
    events,
    onServerTime: ({ serverTime, roundTrip }) => time.correct(serverTime, roundTrip),
  });
}
