import { z } from 'zod';

/** What strangers may ask of the archive actor. Its ways to the durable tier are for the cache actor alone. */
export const archiveSchema = {
  'archive.status': z.strictObject({ type: z.literal('archive.status') }),
} as const;
