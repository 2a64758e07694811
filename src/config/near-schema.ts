import { z } from 'zod';
import { annotations } from './annotations.ts';
import { DEFAULTS } from './defaults.ts';
import { ttl } from './scalars.ts';

const narrowed = z.strictObject({
  prefixes: z.array(z.string().min(1)).min(1).optional(),
  staleness: ttl.prefault(DEFAULTS.near.staleness),
});

/** Near reads: all of them with `true`, or what the object narrows them to. Undefined where there are none. */
export const nearSchema = z
  .union([z.boolean(), narrowed])
  .transform((near) => {
    if (near === false) return undefined;
    return near === true ? narrowed.parse({}) : near;
  })
  .register(annotations, {
    expected: 'true, false, or { prefixes, staleness }; as a variable true, false, or that object as JSON',
    fromText: (text) => {
      try {
        return JSON.parse(text);
      } catch {
        return text;
      }
    },
  });
