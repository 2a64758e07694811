import type { BreakerState, SystemState } from '../../src/runtime/events.ts';
import type { MessageOf, Protocol } from '../../src/runtime/protocol.ts';
import type { CacheStats } from '../cache/messages.ts';
import type { CoherenceStatus } from '../coherence/messages.ts';
import type { SupervisorTree } from '../supervisor/messages.ts';
import type { WarmerStatus } from '../warmer/messages.ts';

/** `degraded`: everything is answered, but not from where it should be. */
export type HealthStatus = 'healthy' | 'degraded' | 'unavailable';

export interface HealthReport {
  readonly status: HealthStatus;
  /** True when nothing is degraded. */
  readonly healthy: boolean;
  /** Whether calls should be sent here: true also while Redis is out, since memory serves. */
  readonly ready: boolean;
  /** Whether there is a working connection to Redis. */
  readonly connected: boolean;
  readonly circuit_breaker_open: boolean;
  readonly stats: {
    readonly hits: number;
    readonly misses: number;
    /** Share of hits, 0 to 1; 0 before the first request. */
    readonly hit_rate: number;
    readonly total_requests: number;
  };
  readonly redis: {
    readonly configured: boolean;
    readonly state: BreakerState | 'none';
    readonly reason: string;
  };
  /** The durable tier, where it keeps values: nothing is unready without it. */
  readonly durable: {
    readonly configured: boolean;
    readonly state: BreakerState | 'none';
    readonly reason: string;
  };
  /** Reads that memory answers in place of Redis: how changes are heard of, `none` while they are not, or `off`. */
  readonly near: {
    readonly mode: CoherenceStatus['mode'] | 'off';
    readonly trusted: boolean;
    readonly reason: string;
  };
  /** How far the hottest keys are warmed, where there is a warmer. */
  readonly warmup?: WarmerStatus;
  /** What `cache.stats` answers, without the keys. */
  readonly cache: Omit<CacheStats, 'hotKeys' | 'largeKeys'> | undefined;
  readonly system: SystemState;
  readonly actors: SupervisorTree['children'];
  /** This instance, as it signs versions. */
  readonly instance: string;
  /** Milliseconds since the system was started. */
  readonly uptime: number;
}

/** What the health actor understands. */
export type HealthProtocol = Protocol<{
  'health.check': { request: object; reply: HealthReport };
}>;

export type HealthMessage = MessageOf<HealthProtocol>;
