export type {
  Accepted,
  CacheMessage,
  CacheProtocol,
  CacheStats,
  Entry,
  Found,
  Held,
  HotKey,
  LargeKey,
  Leased,
  NamespaceStats,
  NotFound,
  Provenance,
  Stale,
  StaleUse,
  Timing,
} from '../actors/cache/messages.ts';
export type { CircuitBreakerStatus } from '../actors/circuit-breaker/messages.ts';
export type { HealthProtocol, HealthReport, HealthStatus } from '../actors/health/messages.ts';
export type {
  FamilyReading,
  HistogramReading,
  MetricsProtocol,
  SeriesReading,
} from '../actors/metrics/messages.ts';
export type { ChildReport, SupervisorProtocol, SupervisorTree } from '../actors/supervisor/messages.ts';
export { fromEnvironment } from './config/environment.ts';
export type { Options, OptionsInput } from './config/schema.ts';
export type { Behaviour } from './runtime/behaviour.ts';
export type { ActorContext, Restart, Strategy } from './runtime/child-spec.ts';
export type { Clock } from './runtime/clock.ts';
export type { Envelope } from './runtime/envelope.ts';
export { ERROR_TABLE, type ErrorCode, isUnderstudyError, UnderstudyError } from './runtime/errors.ts';
export type { BreakerState, SystemEvent, SystemListener, SystemState } from './runtime/events.ts';
export type { KeyEventName, KeyEvents, KeyListener } from './runtime/key-events.ts';
export type { Logger } from './runtime/logger.ts';
export type { MessageSchema } from './runtime/message-schema.ts';
export type { AnyProtocol, Message, MessageOf, Protocol, ReplyOf } from './runtime/protocol.ts';
export type { BulkLoader, BulkLoadOptions } from './system/bulk-loader.ts';
export type { Cache } from './system/cache.ts';
export type {
  CallOptions,
  ChangeOptions,
  FoundAs,
  SetOptions,
  WriteOptions,
} from './system/cache-options.ts';
export type { CoreProtocol } from './system/core-protocol.ts';
export {
  type ActorDefinition,
  type ActorSpec,
  type BehaviourOf,
  defineActor,
} from './system/define-actor.ts';
export type { LoadContext, Loader } from './system/load-context.ts';
export type { LoadOptions } from './system/load-options.ts';
export type { Declared, InputOf, Namespace, OutputOf } from './system/namespace.ts';
export type { ProtocolsOf } from './system/protocols.ts';
export type { Scan, ScanOptions } from './system/scan.ts';
export type { Understudy } from './system/understudy.ts';
export type {
  WarmEntries,
  WarmKeys,
  WarmOptions,
  WarmProgress,
  WarmReport,
} from './system/warm-options.ts';
export { createUnderstudy, type HostOptions, type SystemInput } from './system.ts';
export { type MetricSource, metricProducer } from './telemetry/metric-producer.ts';
export type { Tracing } from './telemetry/port.ts';
export type { TierName } from './tiers/tier.ts';
export type { SchemaIssue, SchemaResult, StandardSchema } from './wire/standard-schema.ts';
export type { Ttl } from './wire/ttl.ts';
