/**
 * A copy of a value that came out of JSON: several times cheaper than parsing its text once more. Spread copies an
 * object's shape in one step; only nested objects and arrays are then looked at again.
 */
export function cloneJson<T>(value: T): T {
  return isNested(value) ? cloneNested(value) : value;
}

function cloneNested<T extends object>(value: T): T {
  if (Array.isArray(value)) {
    const items = value.slice();
    for (let at = 0; at < items.length; at++) if (isNested(items[at])) items[at] = cloneNested(items[at]);
    return items as T;
  }
  const copy = { ...value };
  for (const name in copy) {
    const member = copy[name];
    if (!isNested(member)) continue;
    // Assigning to this name would set the prototype; JSON makes it an ordinary property.
    if (name === '__proto__') Object.defineProperty(copy, name, { value: cloneNested(member), ...PLAIN });
    else copy[name] = cloneNested(member);
  }
  return copy;
}

const PLAIN = { enumerable: true, configurable: true, writable: true };

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
