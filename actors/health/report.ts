import type { SystemState } from '../../src/runtime/events.ts';
import type { CacheStats } from '../cache/messages.ts';
import type { CircuitBreakerStatus } from '../circuit-breaker/messages.ts';
import type { CoherenceStatus } from '../coherence/messages.ts';
import type { SupervisorTree } from '../supervisor/messages.ts';
import type { WarmerStatus } from '../warmer/messages.ts';
import type { HealthReport, HealthStatus } from './messages.ts';

/** What was found out; undefined where an actor did not answer. */
export interface Findings {
  readonly status: HealthStatus;
  readonly system: SystemState;
  readonly cache: CacheStats | undefined;
  readonly tree: SupervisorTree | undefined;
  /** Undefined also where no Redis is configured: then `redisConfigured` is false. */
  readonly redis: CircuitBreakerStatus | undefined;
  readonly redisConfigured: boolean;
  /** Undefined also where near reads are off: then `nearConfigured` is false. */
  readonly near: CoherenceStatus | undefined;
  readonly nearConfigured: boolean;
  /** Undefined also where there is no warmer. */
  readonly warmup: WarmerStatus | undefined;
  /** Undefined also where the durable tier keeps no values: then `archiveConfigured` is false. */
  readonly archive: CircuitBreakerStatus | undefined;
  readonly archiveConfigured: boolean;
  readonly overloaded: boolean;
  readonly instance: string;
  readonly uptime: number;
}

export function reportOf(found: Findings): HealthReport {
  const { cache, redis, tree, status } = found;
  const hits = cache?.hits ?? 0;
  const misses = cache?.misses ?? 0;
  const total = hits + misses;
  return {
    status,
    healthy: status === 'healthy',
    ready: status !== 'unavailable' && cache !== undefined && !found.overloaded,
    connected: redis?.connected ?? false,
    circuit_breaker_open: redis !== undefined && redis.state !== 'closed',
    stats: { hits, misses, hit_rate: total === 0 ? 0 : hits / total, total_requests: total },
    redis: breakerOf(redis, found.redisConfigured, 'no Redis is configured'),
    durable: breakerOf(found.archive, found.archiveConfigured, 'the durable tier keeps no values'),
    near: nearOf(found),
    ...(found.warmup === undefined ? {} : { warmup: found.warmup }),
    cache: withoutKeys(cache),
    system: found.system,
    actors: tree?.children ?? [],
    instance: found.instance,
    uptime: found.uptime,
  };
}

function breakerOf(
  status: CircuitBreakerStatus | undefined,
  configured: boolean,
  otherwise: string,
): HealthReport['redis'] {
  const reason = configured ? 'the circuit breaker did not answer' : otherwise;
  return { configured, state: status?.state ?? 'none', reason: status?.reason ?? reason };
}

/** A report of health goes to monitoring and into logs, where keys have no place. */
function withoutKeys(cache: CacheStats | undefined): HealthReport['cache'] {
  if (cache === undefined) return undefined;
  const { hotKeys: _, largeKeys: __, ...rest } = cache;
  return rest;
}

function nearOf({ near, nearConfigured }: Findings): HealthReport['near'] {
  if (!nearConfigured) return { mode: 'off', trusted: false, reason: 'near reads are not configured' };
  const { mode = 'none', trusted = false, reason = 'the coherence actor did not answer' } = near ?? {};
  return { mode, trusted, reason };
}
