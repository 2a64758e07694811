import { z } from 'zod';

/** Every message of the supervisor. */
export const supervisorSchema = {
  'supervisor.tree': z.strictObject({ type: z.literal('supervisor.tree') }),
} as const;
