import { z } from 'zod';

/** Every message of the coherence actor. */
export const coherenceSchema = {
  'coherence.status': z.strictObject({ type: z.literal('coherence.status') }),
} as const;
