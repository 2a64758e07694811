import { archiveSchema } from '../../actors/archive/schema.ts';
import { cacheSchema } from '../../actors/cache/schema.ts';
import { circuitBreakerSchema } from '../../actors/circuit-breaker/schema.ts';
import { coherenceSchema } from '../../actors/coherence/schema.ts';
import { healthSchema } from '../../actors/health/schema.ts';
import { metricsSchema } from '../../actors/metrics/schema.ts';
import { supervisorSchema } from '../../actors/supervisor/schema.ts';
import { warmerSchema } from '../../actors/warmer/schema.ts';
import type { MessageSchemas } from '../runtime/message-schema.ts';

/** What strangers may send to the built-in actors: at run time what `CoreProtocol` is to the compiler. */
export const CORE_SCHEMAS = {
  cache: cacheSchema,
  'circuit-breaker': circuitBreakerSchema,
  archive: archiveSchema,
  coherence: coherenceSchema,
  health: healthSchema,
  metrics: metricsSchema,
  supervisor: supervisorSchema,
  warmer: warmerSchema,
} as const satisfies Record<string, MessageSchemas>;
