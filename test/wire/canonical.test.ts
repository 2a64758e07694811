import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isUnderstudyError } from '../../src/runtime/errors.ts';
import { canonicalHash } from '../../src/wire/canonical.ts';

const RUNS = { numRuns: 3_000 };

/** So few scalars that two values often are the same, or differ in one of these only. */
const scalar = fc.constantFrom<unknown>(
  ...[null, undefined, true, false, 0, -0, 1, NaN, Infinity, -Infinity, 0n, 1n, -1n],
  ...[
    '',
    '0',
    '1',
    'null',
    'undefined',
    'NaN',
    '0n',
    'hole',
    'Date(0)',
    '\ud800',
    '\udc00',
    '1970-01-01T00:00:00.000Z',
  ],
);
const name = fc.constantFrom('a', 'b', '1', '__proto__', 'a":1,"b');

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.constantFrom(0, 1, NaN).map((time) => new Date(time)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.sparseArray(tie('value'), { maxLength: 3, maxNumElements: 2 }),
    fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 2 }).map((pairs) => new Map(pairs)),
    fc.array(tie('value'), { maxLength: 2 }).map((members) => new Set(members)),
  ),
}));

/** The same content, built in the opposite order. */
function rebuilt(given: unknown): unknown {
  if (given instanceof Date) return new Date(given);
  if (given instanceof Map) {
    return new Map([...given].reverse().map(([key, held]) => [rebuilt(key), rebuilt(held)]));
  }
  if (given instanceof Set) return new Set([...given].reverse().map(rebuilt));
  // With its holes.
  if (Array.isArray(given)) return given.map(rebuilt);
  if (typeof given !== 'object' || given === null) return given;
  const copy = {};
  for (const key of Object.keys(given).reverse()) {
    const plain = {
      value: rebuilt(Reflect.get(given, key)),
      enumerable: true,
      writable: true,
      configurable: true,
    };
    Object.defineProperty(copy, key, plain);
  }
  return copy;
}

function refusal(given: unknown): string {
  try {
    return `accepted as ${canonicalHash(given, 'arguments')}`;
  } catch (error) {
    if (!isUnderstudyError(error, 'INVALID_KEY')) throw error;
    return error.message;
  }
}

describe('the hash', () => {
  test('two values have the same exactly if they are equal', () => {
    let equal = 0;
    fc.assert(
      fc.property(value, value, (one, other) => {
        const same = isDeepStrictEqual(one, other);
        if (same) equal++;
        expect(canonicalHash(one) === canonicalHash(other)).toBe(same);
      }),
      RUNS,
    );
    expect(equal).toBeGreaterThan(20);
  });

  test('the order in which a value was built makes no difference', () => {
    fc.assert(
      fc.property(value, (given) => {
        const other = rebuilt(given);
        expect(isDeepStrictEqual(given, other)).toBe(true);
        expect(canonicalHash(other)).toBe(canonicalHash(given));
      }),
      RUNS,
    );
  });

  test('a change of one part, anywhere, makes another', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), fc.nat(), value, (items, seed, part) => {
        const at = seed % items.length;
        const changed = items.with(at, part);
        expect(canonicalHash({ items }) === canonicalHash({ items: changed })).toBe(
          isDeepStrictEqual(items, changed),
        );
      }),
      RUNS,
    );
  });

  test('of JSON it is the SHA-256 of JSON with its properties sorted, in any language', () => {
    const text = '{"a":{"c":1.5e+300,"d":true},"b":[1,"x",null]}';
    expect(canonicalHash({ b: [1, 'x', null], a: { d: true, c: 1.5e300 } })).toBe(
      createHash('sha256').update(text).digest('hex'),
    );
  });

  test.each([
    ['undefined and missing', { a: undefined }, {}],
    ['undefined and a hole', [undefined], new Array(1)],
    ['an argument that is undefined and none', [1, undefined], [1]],
    ['NaN and null', NaN, null],
    ['-0 and 0', -0, 0],
    ['a bigint and a number', 1n, 1],
    ['a Date and its string', new Date(0), new Date(0).toJSON()],
    ['a Date and its time', new Date(0), 0],
    ['a Map and an object', new Map([['a', 1]]), { a: 1 }],
    ['a Set and an array', new Set([1]), [1]],
    ['a Set of two equal members and of one', new Set([{}, {}]), new Set([{}])],
    ['text that looks like another value', '[1]', [1]],
    ['halves of different surrogate pairs', '\ud83d', '\ud83c'],
  ])('tells apart %s', (_what, one, other) => {
    expect(canonicalHash(one)).not.toBe(canonicalHash(other));
  });

  test('a record without a prototype is as good as one with', () => {
    expect(canonicalHash(Object.assign(Object.create(null), { a: 1 }))).toBe(canonicalHash({ a: 1 }));
  });
});

describe('what has no content to go by is refused', () => {
  class Account {
    id = 1;
  }
  const cycle: { self?: unknown } = {};
  cycle.self = [cycle];
  const deep = Array.from({ length: 300 }).reduce((inner: unknown) => [inner], 1);
  const hidden = Object.defineProperty({ a: 1 }, 'b', { value: 2 });

  test.each<[string, unknown, string]>([
    ['a function', [() => 1], 'arguments[0]: expected data that a key can be made of, got a function'],
    [
      'a symbol',
      { a: Symbol('secret') },
      'arguments.a: expected data that a key can be made of, got a symbol',
    ],
    [
      'an instance',
      new Account(),
      'arguments: expected data that a key can be made of, got an instance of a class',
    ],
    ['a subclass', new (class extends Map {})(), 'got an instance of a class'],
    ['bytes', new Uint8Array(1), 'got an instance of a class'],
    ['a regular expression', /a/, 'got an instance of a class'],
    ['a boxed number', Object(1), 'got an instance of a class'],
    ['a promise in a Map', new Map([[1, Promise.resolve()]]), 'arguments.values(): expected'],
    ['what only looks like a Date', Object.create(Date.prototype), 'got an instance of a class'],
    [
      'a cycle',
      cycle,
      'arguments.self[0]: expected data that a key can be made of, got a value that contains itself',
    ],
    ['a great depth', deep, 'got a value nested deeper than 200'],
    ['a hidden property', hidden, 'hidden properties'],
    ['a property named by a symbol', { [Symbol('secret')]: 1 }, 'hidden properties'],
    ['an array with a property', Object.assign([1], { extra: 2 }), 'some that its kind does not have'],
    ['a match', /a/.exec('a'), 'some that its kind does not have'],
    ['a Date with a property', Object.assign(new Date(0), { zone: 1 }), 'some that its kind does not have'],
  ])('%s', (_what, given, message) => {
    expect(refusal(given)).toContain(message);
    expect(refusal(given)).not.toContain('secret');
  });

  test('the same object twice is no cycle', () => {
    const shared = { a: 1 };
    expect(canonicalHash([shared, shared])).toBe(canonicalHash([{ a: 1 }, { a: 1 }]));
  });
});
