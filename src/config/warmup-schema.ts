import { z } from 'zod';
import { annotations } from './annotations.ts';
import { DEFAULTS } from './defaults.ts';
import { within } from './scalars.ts';

const bounded = z.strictObject({
  rate: within(1, 100_000).default(DEFAULTS.warmup.rate),
  keys: within(1, 10_000).default(DEFAULTS.warmup.keys),
});

/** The warmer: with its defaults by `true`, or within the bounds of the object. Undefined where there is none. */
export const warmupSchema = z
  .union([z.boolean(), bounded])
  .transform((warmup) => {
    if (warmup === false) return undefined;
    return warmup === true ? bounded.parse({}) : warmup;
  })
  .register(annotations, {
    expected: 'true, false, or { rate, keys }; as a variable true, false, or that object as JSON',
    fromText: (text) => {
      try {
        return JSON.parse(text);
      } catch {
        return text;
      }
    },
  });
