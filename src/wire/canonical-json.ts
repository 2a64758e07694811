import { UnderstudyError } from '../runtime/errors.ts';

/** Deeper than any sensible value is: what goes on beyond that goes round in a circle. */
const MAX_DEPTH = 64;

/**
 * The one JSON text of a value: properties in the order of their UTF-16 units and no white space, as RFC 8785 has it. Two
 * values have the same text only where nobody could tell them apart. Throws INVALID_KEY, naming the place, for whatever JSON
 * would leave out or take for something else: undefined, NaN, -0, bigints, functions, symbols, holes, cycles, and every
 * object that is neither a list nor plain. `what` names the value in the error.
 */
export function canonicalJson(value: unknown, what: string): string {
  return textOf(value, what, 0);
}

function textOf(value: unknown, place: string, depth: number): string {
  if (depth > MAX_DEPTH) throw refused(place, `a cycle, or more than ${MAX_DEPTH} levels`);
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (Number.isFinite(value) && !Object.is(value, -0)) return JSON.stringify(value);
    throw refused(place, Object.is(value, -0) ? '-0' : String(value));
  }
  if (typeof value !== 'object')
    throw refused(place, value === undefined ? 'undefined' : `a ${typeof value}`);
  if (Array.isArray(value)) return listOf(value, place, depth);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype)
    throw refused(place, 'an object that is not plain');
  return objectOf(value, place, depth);
}

function listOf(list: readonly unknown[], place: string, depth: number): string {
  // One property for each element, and `length`. A hole reads as undefined.
  if (Reflect.ownKeys(list).length !== list.length + 1)
    throw refused(place, 'a list with holes, or with other properties');
  return `[${Array.from(list, (item, at) => textOf(item, `${place}[${at}]`, depth + 1)).join()}]`;
}

function objectOf(object: object, place: string, depth: number): string {
  const names = Object.keys(object).sort();
  if (Reflect.ownKeys(object).length !== names.length)
    throw refused(place, 'an object with symbols or hidden properties');
  const fields = names.map((name) => {
    const text = textOf(Reflect.get(object, name), `${place}.${name}`, depth + 1);
    return `${JSON.stringify(name)}:${text}`;
  });
  return `{${fields.join()}}`;
}

function refused(place: string, given: string): UnderstudyError {
  // A name may be as long as one likes, and none of it need be shown to find the place.
  const where = place.length > 96 ? `${place.slice(0, 96)}…` : place;
  return new UnderstudyError('INVALID_KEY', `${where}: expected what JSON can tell apart, got ${given}`);
}
