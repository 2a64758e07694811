import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CODECS, readingOf } from '../../../src/wire/codecs/codecs.ts';

const encode = (value: unknown): Buffer => Buffer.from(CODECS.msgpack.encode(value).content);
const decode = (bytes: Uint8Array): unknown => readingOf('msgpack')?.read(bytes);

const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false, -0, NaN, Infinity),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'grapheme', minLength: 40, maxLength: 300 }),
    fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array)),
    fc.date(),
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(
      fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('__proto__', 'constructor')),
      tie('value'),
      { maxKeys: 20, noNullPrototype: true },
    ),
  ),
})).value;

test('every value comes back as it was', () => {
  const kept = fc.property(value, (original) => deepStrictEqual(decode(encode(original)), original));
  expect(() => fc.assert(kept, { numRuns: 1_000 })).not.toThrow();
});

test.each([
  ['nil', null, 'c0'],
  ['a small number', 7, '07'],
  ['a small negative one', -32, 'e0'],
  ['one of 8 bits', -100, 'd09c'],
  ['one of 16 bits', 1_000, 'd103e8'],
  ['one of 32 bits', 100_000, 'd2000186a0'],
  ['a fraction', 1.5, 'cb3ff8000000000000'],
  ['a bigint', 1n, 'd30000000000000001'],
  ['a text', 'aé', 'a361c3a9'],
  ['bytes', Buffer.from([1, 2]), 'c4020102'],
  ['a list', [1, [true]], '920191c3'],
  ['a map', { a: 1 }, '81a16101'],
  ['a time', new Date(1_500), 'c70cff1dcd65000000000000000001'],
])('%s is written as the specification has it', (_name, original, hex) => {
  expect(encode(original).toString('hex')).toBe(hex);
});

test.each([
  ['float 32', 'ca3fc00000', 1.5],
  ['uint 8', 'ccff', 255],
  ['uint 16', 'cdffff', 65_535],
  ['uint 32', 'ceffffffff', 4_294_967_295],
  ['str 8 that is short', 'd90161', 'a'],
  ['map 16', 'de0001a16101', { a: 1 }],
])('%s, which others may write, is read', (_name, hex, expected) => {
  expect(decode(Buffer.from(hex, 'hex'))).toEqual(expected);
});

test.each([
  ['undefined', undefined],
  ['a function', () => 1],
  ['a Map', new Map()],
  ['an instance of a class', new URL('https://example.com')],
  ['a bigint of more than 64 bits', 2n ** 64n],
  ['an invalid Date', new Date(NaN)],
  ['a lone surrogate', 'a\ud83d'],
  ['one as a name', { 'a\ud83d': 1 }],
])('%s is refused', (_name, original) => {
  expect(() => encode({ deep: [original] }.deep)).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }));
});

test('a cycle, and what is too deep, are refused', () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  let deep: unknown = 1;
  for (let level = 0; level < 1_000; level++) deep = [deep];
  for (const original of [cycle, deep])
    expect(() => encode(original)).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }));
});

test.each([
  ['nothing', ''],
  ['two values', '0101'],
  ['a text cut short', 'a361'],
  ['a list longer than what is there', 'ddffffffff01'],
  ['a map longer than what is there', 'dfffffffff'],
  ['bytes longer than what is there', 'c6ffffffff01'],
  ['a name that is no text', '810101'],
  ['text that is no UTF-8', 'a1ff'],
  ['an extension', 'd40101'],
  ['a type that was never used', 'c1'],
  ['a time with too many nanoseconds', 'c70cffffffffff0000000000000001'],
  ['lists without end', '91'.repeat(5_000)],
])('%s is not what a codec writes', (_name, hex) => {
  expect(() => decode(Buffer.from(hex, 'hex'))).toThrow();
});

test('whatever bytes come, what is read is a value or an error, and no prototype is reached', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decode(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
      expect('polluted' in {}).toBe(false);
    }),
    { numRuns: 5_000 },
  );
});
