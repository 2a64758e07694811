import { z } from 'zod';

/** Every message of the health actor. */
export const healthSchema = {
  'health.check': z.strictObject({ type: z.literal('health.check') }),
} as const;
