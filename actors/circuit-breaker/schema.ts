import { z } from 'zod';

/** What strangers may ask of the circuit-breaker actor. Its round trips to Redis are for the cache actor alone. */
export const circuitBreakerSchema = {
  'circuit-breaker.status': z.strictObject({ type: z.literal('circuit-breaker.status') }),
} as const;
