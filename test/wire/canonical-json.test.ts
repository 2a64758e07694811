import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalHash, canonicalJson } from '../../src/wire/canonical.ts';

/** Whatever JSON can hold, as it comes out of JSON: without -0. */
const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);

/** The same with the properties in another order, all the way down. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, child]) => [name, reordered(child)])
      .reverse(),
  );
}

test('it is JSON of the same value', () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(isDeepStrictEqual(JSON.parse(canonicalJson(value, 'v')), value)).toBe(true);
    }),
  );
});

test('the order of properties makes no difference', () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(canonicalJson(reordered(value), 'v')).toBe(canonicalJson(value, 'v'));
    }),
  );
});

test('different values have different texts', () => {
  const small = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);
  fc.assert(
    fc.property(small, small, (one, other) => {
      const same = canonicalJson(one, 'v') === canonicalJson(other, 'v');
      expect(same).toBe(isDeepStrictEqual(one, other));
    }),
    { numRuns: 1_000 },
  );
});

test('it is the text whose SHA-256 is the hash', () => {
  fc.assert(
    fc.property(json, (value) => {
      const digest = createHash('sha256').update(canonicalJson(value, 'v')).digest('hex');
      expect(canonicalHash(value)).toBe(digest);
    }),
  );
});

test('it is the form of RFC 8785', () => {
  const value = JSON.parse(
    '{"\\u20ac":1,"\\r":[1E30,4.50,2e-3,1e-27],"1":"\\u000f\\"\\/","\\ud83d\\ude00":{},"\\ufb33":null}',
  );
  expect(canonicalJson(value, 'v')).toBe(
    '{"\\r":[1e+30,4.5,0.002,1e-27],"1":"\\u000f\\"/","€":1,"😀":{},"\ufb33":null}',
  );
});

const cycle: { self?: unknown } = {};
cycle.self = { in: [cycle] };
const holes = [1, 2, 3];
delete holes[1];
const extra: unknown[] = Object.assign([1], { name: 1 });
const holeAndExtra: unknown[] = Object.assign([1], { name: 1 });
delete holeAndExtra[0];

describe.each([
  ['undefined', undefined],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-0', -0],
  ['a bigint', 1n],
  ['a function', () => 1],
  ['a symbol', Symbol('s')],
  ['a Date', new Date(0)],
  ['a Map', new Map([['a', 1]])],
  ['a Set', new Set([1])],
  ['a RegExp', /a/],
  ['bytes', new Uint8Array(2)],
  ['a boxed number', Object(1)],
  ['an instance of a class', new (class Model {})()],
  ['a cycle', cycle],
  ['a list with holes', holes],
  ['a list with a property', extra],
  ['a list with a hole and a property', holeAndExtra],
  ['a property that is a symbol', { [Symbol('s')]: 1 }],
  ['a hidden property', Object.defineProperty({}, 'hidden', { value: 1 })],
])('%s', (_name, value) => {
  test.each([
    ['alone', () => value],
    ['in an object', () => ({ a: { b: value } })],
    ['in a list', () => [0, [value]]],
  ])('is refused %s', (_where, of) => {
    expect(() => canonicalJson(of(), 'v')).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }));
  });
});

test('the error names the place, and none of the value', () => {
  expect(() => canonicalJson({ user: { ids: ['secret', undefined] } }, 'context')).toThrow(
    'context.user.ids[1]: expected what JSON can tell apart, got undefined',
  );
  const long = { ['x'.repeat(5_000)]: undefined };
  expect(() => canonicalJson(long, 'context')).toThrow(/^.{1,200}$/);
});
