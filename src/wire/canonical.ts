import { hash } from 'node:crypto';
import { isDate, isMap, isSet } from 'node:util/types';
import { UnderstudyError } from '../runtime/errors.ts';

/** Deeper than data is, and far from what would overflow the stack. */
const MAX_DEPTH = 200;
/** A name may be as long as one likes, and none of it need be shown to find the place. */
const MAX_PLACE = 96;

/** What has a text: `json` is what JSON can tell apart, `data` more than that. */
type Kind = 'json' | 'data';

const EXPECTED: Readonly<Record<Kind, string>> = {
  json: 'what JSON can tell apart',
  data: 'data that a key can be made of',
};

/**
 * The one JSON text of a value: properties in the order of their UTF-16 units and no white space, as RFC 8785 has it. Two
 * values have the same text only where nobody could tell them apart. Throws INVALID_KEY, naming the place, for whatever JSON
 * would leave out or take for something else: undefined, NaN, -0, bigints, functions, symbols, holes, cycles, and every
 * object that is neither a list nor plain. `name` is what the error calls the value.
 */
export function canonicalJson(value: unknown, name: string): string {
  return write(value, name, [], 'json');
}

/**
 * The whole SHA-256, in 64 hexadecimal digits, of one text for each value: the same for equal values, whatever the order of
 * their properties, and never the same for two that differ. Of JSON that text is {@link canonicalJson}. What JSON would
 * confuse is told apart: `undefined` and what is missing, NaN, the infinities, -0, bigints, Dates, Maps and Sets (these two
 * by what they hold, in any order).
 *
 * Throws INVALID_KEY for what has no content to go by: functions, symbols, instances of other classes, hidden properties,
 * cycles, and what is nested deeper than 200. `name` is what the error calls the value.
 */
export function canonicalHash(value: unknown, name = 'value'): string {
  return hash('sha256', write(value, name, [], 'data'), 'hex');
}

/** `above`: the objects that the value is in. */
function write(value: unknown, path: string, above: readonly object[], kind: Kind): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object') return writeObject(value, path, above, kind);
  const number = Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'number' && Number.isFinite(value) && number !== '-0') return number;
  if (typeof value === 'function' || typeof value === 'symbol')
    throw refused(kind, path, `a ${typeof value}`);
  if (kind === 'json') throw refused(kind, path, typeof value === 'bigint' ? 'a bigint' : number);
  return typeof value === 'bigint' ? `${number}n` : number;
}

function writeObject(value: object, path: string, above: readonly object[], kind: Kind): string {
  if (above.includes(value)) throw refused(kind, path, 'a value that contains itself');
  if (above.length === MAX_DEPTH) throw refused(kind, path, `a value nested deeper than ${MAX_DEPTH}`);
  const inside = [...above, value];
  const part = (member: unknown, at: string): string => write(member, path + at, inside, kind);
  /** With properties that are left out, two values that differ would look alike. */
  const requireOwn = (count: number): void => {
    if (Reflect.ownKeys(value).length === count) return;
    throw refused(kind, path, 'an object with hidden properties, or with some that its kind does not have');
  };

  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    const names = Object.keys(value).sort();
    requireOwn(names.length);
    return `{${names.map((name) => `${JSON.stringify(name)}:${part(Reflect.get(value, name), `.${name}`)}`)}}`;
  }
  if (Array.isArray(value) && prototype === Array.prototype) {
    const items = Array.from(value, (item, at) =>
      Object.hasOwn(value, at) || kind === 'json' ? part(item, `[${at}]`) : 'hole',
    );
    requireOwn(items.filter((item) => item !== 'hole').length + 1);
    return `[${items}]`;
  }
  if (kind === 'json') throw refused(kind, path, 'an instance of a class');
  if (isDate(value) && prototype === Date.prototype) {
    requireOwn(0);
    return `Date(${value.getTime()})`;
  }
  if (isMap(value) && prototype === Map.prototype) {
    requireOwn(0);
    return `Map(${Array.from(value, ([key, held]) => `${part(key, '.keys()')}=>${part(held, '.values()')}`).sort()})`;
  }
  if (isSet(value) && prototype === Set.prototype) {
    requireOwn(0);
    return `Set(${Array.from(value, (member) => part(member, '.values()')).sort()})`;
  }
  throw refused(kind, path, 'an instance of a class');
}

function refused(kind: Kind, path: string, given: string): UnderstudyError {
  const place = path.length > MAX_PLACE ? `${path.slice(0, MAX_PLACE)}…` : path;
  return new UnderstudyError('INVALID_KEY', `${place}: expected ${EXPECTED[kind]}, got ${given}`);
}
