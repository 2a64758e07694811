import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readingOf } from '../../src/wire/codecs/codecs.ts';
import { jsonCodec } from '../../src/wire/codecs/json.ts';

const roundTrip = (value: unknown): unknown => {
  const { encoding, content } = jsonCodec.encode(value);
  return readingOf(encoding)?.read(content);
};

/** JSON without the zero that it does not know. */
const plain = fc
  .jsonValue({ stringUnit: 'binary' })
  .map((value) => JSON.parse(JSON.stringify(value)) as unknown);

test('plain data is plain JSON, to the byte', () => {
  fc.assert(
    fc.property(plain, (value) => {
      expect(jsonCodec.encode(value)).toEqual({ encoding: 'json', content: JSON.stringify(value) });
      expect(roundTrip(value)).toEqual(value);
    }),
    { numRuns: 500 },
  );
});

class Point {
  readonly x = 1;
}

test.each([
  ['properties that are undefined', { a: 1, b: undefined }, '{"a":1}'],
  ['functions and symbols', { a: 1, f: () => 1, s: Symbol('s') }, '{"a":1}'],
  ['an instance of a class', new Point(), '{"x":1}'],
  ['what says itself what is to be written', new URL('https://example.com'), '"https://example.com/"'],
  ['an object without a prototype', Object.assign(Object.create(null), { a: [1] }), '{"a":[1]}'],
  ['boxed values', [new Number(1), new String('s')], '[1,"s"]'],
  ['names like tags', { $date: 'x', $$map: [] }, '{"$date":"x","$$map":[]}'],
])('%s: plain JSON, as JSON.stringify has it', (_name, value, text) => {
  expect(jsonCodec.encode(value)).toEqual({ encoding: 'json', content: text });
});

test.each([null, 0, '', false, [], {}])('%j, though falsy or empty, is a value', (value) => {
  expect(roundTrip(value)).toEqual(value);
});

test('text with lone surrogates survives the way over UTF-8', () => {
  const value = 'a\ud83d';
  const bytes = Buffer.from(String(jsonCodec.encode(value).content));
  expect(readingOf('json')?.read(bytes.toString())).toBe(value);
});

const cycle: { self?: object; list?: unknown[] } = {};
cycle.self = cycle;
cycle.list = [cycle, cycle];

test.each([
  ['undefined', undefined],
  ['a function', () => 1],
  ['a symbol', Symbol('s')],
  ['a cycle', cycle],
  ['a cycle through a Map', new Map([['self', cycle]])],
  ['an object that turns into nothing', { toJSON: () => undefined }],
  ['a function in a Set', new Set([() => 1])],
  ['a RegExp as long as a book', new RegExp('a'.repeat(5_000))],
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
  const secret: Record<string, unknown> = { token: 'hunter2' };
  secret.self = secret;
  expect(() => jsonCodec.encode(secret)).not.toThrow(/hunter2/);
  expect(() => jsonCodec.encode(secret)).toThrow(/contains itself/);
});
