import { z } from 'zod';

const name = z.string();
const labels = z.record(z.string(), z.string()).readonly();

/** Every message of the metrics actor. */
export const metricsSchema = {
  'metrics.snapshot': z.strictObject({ type: z.literal('metrics.snapshot') }),
  'metrics.count': z.strictObject({
    type: z.literal('metrics.count'),
    name,
    by: z.number().optional(),
    labels: labels.optional(),
  }),
  'metrics.observe': z.strictObject({
    type: z.literal('metrics.observe'),
    name,
    values: z.array(z.number()).readonly(),
    labels: labels.optional(),
  }),
} as const;
