import { UnderstudyError } from '../runtime/errors.ts';
import { type Options, type OptionsInput, optionsSchema } from './schema.ts';

/** Fills in the defaults. Throws one INVALID_CONFIG that lists every problem; the caller's object is never changed. */
export function resolveOptions(input: OptionsInput): Options {
  const result = optionsSchema.safeParse(input);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const path = issue.path.join('.') || 'options';
    return `${path}: ${issue.message}`;
  });
  throw new UnderstudyError('INVALID_CONFIG', `Invalid configuration:\n- ${problems.join('\n- ')}`);
}
