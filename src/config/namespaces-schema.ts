import { z } from 'zod';
import { isStandardSchema, type StandardSchema } from '../wire/standard-schema.ts';
import { annotations } from './annotations.ts';
import { ttl } from './scalars.ts';

const namespace = z.strictObject({
  ttl: ttl.optional(),
  grace: ttl.optional(),
  schema: z.custom<StandardSchema>(isStandardSchema, 'expected a Standard Schema').optional(),
});

/** Without a colon, which ends it in a key. */
const name = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'expected 1 to 64 letters, digits, dots, dashes or underscores');

/** Namespaces by name. */
export const namespacesSchema = z.record(name, namespace).register(annotations, {
  expected: 'an object of namespaces by name, each { ttl, grace, schema }; as a variable that object as JSON',
  fromText: (text) => {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  },
});
