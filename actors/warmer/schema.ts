import { z } from 'zod';

/** Every message of the warmer. */
export const warmerSchema = {
  'warmer.status': z.strictObject({ type: z.literal('warmer.status') }),
} as const;
