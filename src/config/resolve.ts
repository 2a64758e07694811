import { UnderstudyError } from '../runtime/errors.ts';
import { describeProblems } from './problems.ts';
import { type Options, type OptionsInput, optionsSchema } from './schema.ts';

/** Fills in the defaults. Throws one INVALID_CONFIG that lists every problem; the caller's object is never changed. */
export function resolveOptions(input: OptionsInput): Options {
  const result = optionsSchema.safeParse(input);
  if (result.success) return result.data;
  throw invalidConfig(describeProblems(result.error, input));
}

export function invalidConfig(problems: readonly string[]): UnderstudyError {
  return new UnderstudyError('INVALID_CONFIG', `Invalid configuration:\n- ${problems.join('\n- ')}`);
}
