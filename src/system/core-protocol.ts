import type { ArchiveProtocol } from '../../actors/archive/messages.ts';
import type { CacheProtocol } from '../../actors/cache/messages.ts';
import type { CircuitBreakerProtocol } from '../../actors/circuit-breaker/messages.ts';
import type { CoherenceProtocol } from '../../actors/coherence/messages.ts';
import type { HealthProtocol } from '../../actors/health/messages.ts';
import type { MetricsProtocol } from '../../actors/metrics/messages.ts';
import type { SupervisorProtocol } from '../../actors/supervisor/messages.ts';
import type { WarmerProtocol } from '../../actors/warmer/messages.ts';

/** What the built-in actors understand. */
export type CoreProtocol = Pick<ArchiveProtocol, 'archive.status'> &
  CacheProtocol &
  Pick<CircuitBreakerProtocol, 'circuit-breaker.status'> &
  CoherenceProtocol &
  HealthProtocol &
  MetricsProtocol &
  SupervisorProtocol &
  WarmerProtocol;
