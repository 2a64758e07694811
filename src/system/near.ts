import { coherenceActor } from '../../actors/coherence/actor.ts';
import { redisTierOptions } from '../config/redis-topology.ts';
import type { Options } from '../config/schema.ts';
import type { ChildSpec } from '../runtime/child-spec.ts';
import type { Clock } from '../runtime/clock.ts';
import type { BreakerState, EventBus } from '../runtime/events.ts';
import type { InvalidationChannel } from '../tiers/invalidation.ts';
import type { MemoryTier } from '../tiers/memory.ts';
import { Near } from '../tiers/near.ts';
import { RedisInvalidation } from '../tiers/redis/redis-invalidation.ts';

export interface NearParts {
  readonly clock: Clock;
  readonly events: EventBus;
  /** The server that is read from now, where it is a single one. */
  readonly server: () => string | undefined;
  readonly breaker: () => BreakerState | 'none';
  /** Where changes are heard of; default: the Redis that is configured. */
  readonly channel: InvalidationChannel | undefined;
}

/** What of memory may be trusted; undefined where near reads are not asked for, or have nothing to be coherent with. */
export function nearOf({ near, redis }: Options, memory: MemoryTier): Near | undefined {
  return near === undefined || redis === undefined ? undefined : new Near(memory, near.prefixes);
}

/** The actor that keeps it true. */
export function nearActor(options: Options, near: Near | undefined, parts: NearParts): ChildSpec | undefined {
  const { redis, prefix, memory } = options;
  if (near === undefined || options.near === undefined || redis === undefined) return undefined;
  const { prefixes, staleness } = options.near;
  const channel =
    parts.channel ??
    new RedisInvalidation({
      redis: redisTierOptions(redis, prefix),
      prefixes,
      staleness,
      foreignTtl: memory.foreignTtl,
      clock: parts.clock,
      server: parts.server,
    });
  return coherenceActor({ near, channel, staleness, events: parts.events, breaker: parts.breaker });
}
