import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonCodec } from '../../src/wire/codecs/json.ts';

test('every JSON value comes back as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      // JSON knows no negative zero.
      expect(jsonCodec.decode(jsonCodec.encode(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 500 },
  );
});

test.each([null, 0, '', false, [], {}])('%j, though falsy or empty, is a value', (value) => {
  expect(jsonCodec.decode(jsonCodec.encode(value))).toEqual(value);
});

test('text with lone surrogates survives the way over UTF-8', () => {
  const value = 'a\ud83d';
  const bytes = Buffer.from(jsonCodec.encode(value));
  expect(jsonCodec.decode(bytes.toString())).toBe(value);
});

const cycle: { self?: object } = {};
cycle.self = cycle;

test.each([
  ['undefined', undefined],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['a function', () => 1],
  ['a symbol', Symbol('s')],
  ['a bigint', 1n],
  ['a nested bigint', { deep: [1n] }],
  ['a cycle', cycle],
  ['an object that turns into nothing', { toJSON: () => undefined }],
  [
    'an object that throws',
    {
      toJSON: () => {
        throw new Error('no');
      },
    },
  ],
])('%s is refused with a typed error', (_name, value) => {
  expect(() => jsonCodec.encode(value)).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }));
});

test('a refusal does not repeat the value', () => {
  const secret = { token: 'hunter2', more: 1n };
  expect(() => jsonCodec.encode(secret)).not.toThrow(/hunter2/);
  expect(() => jsonCodec.encode(secret)).toThrow(/expected a value that JSON can hold/);
});
