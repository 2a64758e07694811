import { types } from 'node:util';

/**
 * Whether JSON keeps all of a value. What it leaves out by custom does not count: properties that are undefined, functions,
 * symbols, and the class of an instance. Only of what JSON can write: nothing in it goes round in a circle.
 */
export function isPlain(value: unknown): boolean {
  switch (typeof value) {
    case 'number':
      return isPlainNumber(value);
    case 'object':
      return value === null || isPlainObject(value);
    default:
      return typeof value !== 'bigint';
  }
}

function isPlainObject(object: object): boolean {
  if (Array.isArray(object)) {
    for (let at = 0; at < object.length; at++) {
      const item: unknown = object[at];
      if (item === undefined || !isPlain(item)) return false;
    }
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) {
    if (isRichObject(object)) return false;
    // It says itself what is to be written.
    if ('toJSON' in object) return true;
  }
  const record = object as Record<string, unknown>;
  for (const name in record) {
    const member = record[name];
    // Most are texts: told apart before anything is called.
    if (typeof member !== 'string' && !isPlain(member)) return false;
  }
  return true;
}

/** JSON has neither NaN nor the infinities, nor a zero that is negative. */
export function isPlainNumber(number: number): boolean {
  return number - number === 0 && (number !== 0 || 1 / number > 0);
}

/** What JSON would take for something else. */
function isRichObject(object: object): boolean {
  return (
    types.isDate(object) ||
    types.isMap(object) ||
    types.isSet(object) ||
    ArrayBuffer.isView(object) ||
    types.isArrayBuffer(object) ||
    types.isRegExp(object) ||
    types.isNativeError(object)
  );
}
