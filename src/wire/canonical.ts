import { hash } from 'node:crypto';
import { isDate, isMap, isSet } from 'node:util/types';
import { UnderstudyError } from '../runtime/errors.ts';

/** Deeper than data is, and far from what would overflow the stack. */
const MAX_DEPTH = 200;

/**
 * The whole SHA-256, in 64 hexadecimal digits, of one text for each value: the same for equal values, whatever the order of
 * their properties, and never the same for two that differ. Of JSON that text is JSON with sorted properties. What JSON would
 * confuse is told apart: `undefined` and what is missing, NaN, the infinities, -0, bigints, Dates, Maps and Sets (these two
 * by what they hold, in any order).
 *
 * Throws INVALID_KEY for what has no content to go by: functions, symbols, instances of other classes, hidden properties,
 * cycles, and what is nested deeper than 200. `name` is what the error calls the value.
 */
export function canonicalHash(value: unknown, name = 'value'): string {
  return hash('sha256', write(value, name, []), 'hex');
}

/** `above`: the objects that the value is in. */
function write(value: unknown, path: string, above: readonly object[]): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'object':
      return value === null ? 'null' : writeObject(value, path, above);
    default:
      throw refused(path, `a ${typeof value}`);
  }
}

function writeObject(value: object, path: string, above: readonly object[]): string {
  if (above.includes(value)) throw refused(path, 'a value that contains itself');
  if (above.length === MAX_DEPTH) throw refused(path, `a value nested deeper than ${MAX_DEPTH}`);
  const inside = [...above, value];
  const part = (member: unknown, at: string): string => write(member, path + at, inside);

  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    const names = ownNames(value, path).sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${part(Reflect.get(value, name), `.${name}`)}`)}}`;
  }
  if (Array.isArray(value) && prototype === Array.prototype) {
    const items = Array.from(value, (item, at) =>
      Object.hasOwn(value, at) ? part(item, `[${at}]`) : 'hole',
    );
    requireOwn(value, path, items.filter((item) => item !== 'hole').length + 1);
    return `[${items}]`;
  }
  if (isDate(value) && prototype === Date.prototype) {
    requireOwn(value, path, 0);
    return `Date(${value.getTime()})`;
  }
  if (isMap(value) && prototype === Map.prototype) {
    requireOwn(value, path, 0);
    return `Map(${Array.from(value, ([key, held]) => `${part(key, '.keys()')}=>${part(held, '.values()')}`).sort()})`;
  }
  if (isSet(value) && prototype === Set.prototype) {
    requireOwn(value, path, 0);
    return `Set(${Array.from(value, (member) => part(member, '.values()')).sort()})`;
  }
  throw refused(path, 'an instance of a class');
}

/** Names of the properties of a record, all of which can be seen. */
function ownNames(record: object, path: string): string[] {
  const names = Object.keys(record);
  requireOwn(record, path, names.length);
  return names;
}

/** With properties that are left out, two values that differ would look alike. */
function requireOwn(value: object, path: string, count: number): void {
  if (Reflect.ownKeys(value).length === count) return;
  throw refused(path, 'an object with hidden properties, or with some that its kind does not have');
}

function refused(path: string, given: string): UnderstudyError {
  return new UnderstudyError('INVALID_KEY', `${path}: expected data that a key can be made of, got ${given}`);
}
