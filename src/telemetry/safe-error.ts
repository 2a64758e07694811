import { isUnderstudyError } from '../runtime/errors.ts';
import { describeError } from './describe-error.ts';

/**
 * What may be told of an error to others than those whose data it was about: name, code, calls, and its message as far as
 * it quotes nothing. Errors of this package tell nothing else, and are passed on as they are.
 */
export function safeCopy(error: unknown): Error {
  if (isUnderstudyError(error)) return error;
  const { name, code, message, stack = '' } = describeError(error);
  const copy = new Error(message);
  copy.name = name;
  copy.stack = `${name}: ${message}\n${stack}`;
  return code === undefined ? copy : Object.assign(copy, { code });
}
