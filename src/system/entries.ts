import type { Entry } from '../../actors/cache/messages.ts';
import { UnderstudyError } from '../runtime/errors.ts';

const FIELDS: readonly string[] = ['key', 'value', 'ttl', 'grace', 'tags'];

/** The entries that a caller of `setMany` gave, in any of the ways it may; their content is checked by the cache actor. */
export function entriesOf(given: unknown): Entry[] {
  if (typeof given === 'object' && given !== null && isIterable(given)) return Array.from(given, entryOf);
  throw refused(`an iterable of pairs or of { key, value, ttl, grace, tags }, got ${nameOf(given)}`);
}

/** One of them. */
export function entryOf(entry: unknown): Entry {
  if (Array.isArray(entry)) return { key: entry[0], value: entry[1] };
  if (typeof entry !== 'object' || entry === null || !isEntry(entry)) {
    throw refused(`each to be a pair or { key, value, ttl, grace, tags }, got ${nameOf(entry)}`);
  }
  const unknown = Object.keys(entry).find((name) => !FIELDS.includes(name));
  if (unknown === undefined) return entry;
  // A misspelt ttl would be ignored silently.
  throw new UnderstudyError(
    'INVALID_OPTION',
    `${unknown}: unknown option of an entry; expected one of ${FIELDS.join(', ')}`,
  );
}

function isIterable(given: object): given is Iterable<unknown> {
  return Symbol.iterator in given;
}

function isEntry(entry: object): entry is Entry {
  return 'key' in entry;
}

function nameOf(given: unknown): string {
  return given === null ? 'null' : `a value of type ${typeof given}`;
}

function refused(expected: string): UnderstudyError {
  return new UnderstudyError('INVALID_MESSAGE', `entries: expected ${expected}`);
}
