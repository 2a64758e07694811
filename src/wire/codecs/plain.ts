import { types } from 'node:util';

/**
 * Whether JSON keeps all of a value. What it leaves out by custom does not count: properties that are undefined, functions,
 * symbols, the class of an instance, and the sign of a zero. Only of what JSON can write: nothing in it goes round in a circle.
 */
export function isPlain(value: unknown): boolean {
  switch (typeof value) {
    case 'number':
      // Neither NaN nor the infinities; what is -0 is 0 there.
      return value - value === 0;
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
