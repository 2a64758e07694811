import { UnderstudyError } from '../runtime/errors.ts';
import { canonicalHash } from '../wire/canonical.ts';

/** What tells calls apart: what `key` says of them, or the hash of all arguments. Throws INVALID_KEY. */
export function keyOfCall<This>(
  key: ((this: This, ...args: unknown[]) => unknown) | undefined,
  self: This,
  args: unknown[],
): string {
  if (key === undefined) return canonicalHash(args, 'arguments');
  const told = key.apply(self, args);
  if (typeof told === 'string' && told !== '') return told;
  throw new UnderstudyError(
    'INVALID_KEY',
    `key: expected the function to return text, got ${told === '' ? 'an empty string' : `a value of type ${typeof told}`}`,
  );
}
