import { UnderstudyError } from '../runtime/errors.ts';

/** Refuses options that do not exist, and a deadline that is none. */
export function checkOptions(options: { readonly deadline?: number }, known: readonly string[]): void {
  checkNames(options, known);
  const { deadline } = options;
  if (deadline === undefined || (typeof deadline === 'number' && deadline > 0)) return;
  const given = typeof deadline === 'number' ? deadline : `a ${typeof deadline}`;
  throw new UnderstudyError('INVALID_OPTION', `deadline: expected milliseconds above 0, got ${given}`);
}

/** Refuses options that do not exist, as a misspelt one would be ignored silently. */
export function checkNames(options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    const given = options === null ? 'null' : typeof options;
    throw new UnderstudyError('INVALID_OPTION', `options: expected an object, got ${given}`);
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new UnderstudyError(
      'INVALID_OPTION',
      `${name}: unknown option; expected one of ${known.join(', ')}`,
    );
  }
}
