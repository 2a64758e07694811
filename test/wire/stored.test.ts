import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import {
  createdOf,
  encodeExtras,
  encodeStored,
  expiryOf,
  extrasOf,
  freshOf,
  isStale,
  readValue,
  restamped,
  UNREADABLE,
  versionOf,
} from '../../src/wire/stored.ts';

const clock = new HybridClock(new VirtualClock());
const VERSION = clock.next();
const CREATED = clock.now();
const FRESH = CREATED + 3_600_000;

const json = fc.json({ stringUnit: 'binary' });
const seal = (text: string): string => encodeStored(VERSION, CREATED, FRESH, text);

test('an envelope gives back its value, version and time to be fresh', () => {
  fc.assert(
    fc.property(json, (text) => {
      const stored = seal(text);
      expect(readValue(stored)).toEqual(JSON.parse(text));
      expect(versionOf(stored)).toBe(VERSION);
      expect(freshOf(stored)).toBe(FRESH);
    }),
  );
});

test('an envelope is JSON that any reader can parse', () => {
  fc.assert(
    fc.property(json, (text) => {
      expect(JSON.parse(seal(text))).toEqual({
        understudy: 1,
        version: VERSION,
        created: CREATED,
        fresh: FRESH,
        value: JSON.parse(text),
      });
    }),
  );
});

test('a value that looks like an envelope is a value', () => {
  const inner = seal('{"secret":true}');
  expect(readValue(seal(inner))).toEqual(JSON.parse(inner));
});

test('plain JSON that somebody else wrote reads as a value that is older than any and does not say how long it is fresh', () => {
  fc.assert(
    fc.property(json, (text) => {
      expect(readValue(text)).toEqual(JSON.parse(text));
      expect(versionOf(text)).toBe('');
      expect(freshOf(text)).toBeUndefined();
      expect(restamped(text, VERSION, FRESH)).toBe(text);
    }),
  );
});

test.each([
  ['optional fields before the value', `${seal('').slice(0, -10)},"tags":["a"],"value":[1]}`, [1]],
  ['another order and spaces', `{ "value": 7, "understudy": 1 }`, 7],
])('an envelope with %s is read', (_name, stored, value) => {
  expect(readValue(stored)).toEqual(value);
});

test.each([
  ['a later version of the envelope', '{"understudy":2,"value":1}'],
  ['no value', '{"understudy":1}'],
  ['an unknown codec', '{"understudy":1,"codec":"cbor","value":"x"}'],
  ['a codec, for it was packed', '{"understudy":1,"codec":"json","value":1}'],
  ['no JSON', 'hello'],
  ['nothing', ''],
  ['bytes that are no text', '\ufffd\u0000\ufffd'],
])('%s cannot be read, which is a miss and no exception', (_name, stored) => {
  expect(readValue(stored)).toBe(UNREADABLE);
});

test('a text cut short anywhere is a miss: half a number is no number', () => {
  for (const value of ['12345', '"text"', '[1,2,3]', '{"a":{"b":1}}', 'true', 'null']) {
    const whole = seal(value);
    for (let length = 0; length < whole.length; length++)
      expect(readValue(whole.slice(0, length))).toBe(UNREADABLE);
    expect(readValue(`${whole}x`)).toBe(UNREADABLE);
  }
});

test('no garbage throws, however like an envelope it looks', () => {
  const damaged = fc
    .tuple(json, fc.nat(), fc.nat(4), fc.string({ unit: 'binary', maxLength: 4 }))
    .map(([text, at, cut, put]) => {
      const stored = seal(text);
      const from = at % stored.length;
      return stored.slice(0, from) + put + stored.slice(from + cut);
    });
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), damaged), (garbage) => {
      readValue(garbage);
      expect(versionOf(garbage)).toBeTypeOf('string');
      expect(Number.isNaN(freshOf(garbage) ?? 0)).toBe(false);
      expect(restamped(garbage, VERSION, FRESH)).toBeTypeOf('string');
    }),
    { numRuns: 3_000 },
  );
});

test('restamped keeps the value and when it was made, and changes the rest', () => {
  fc.assert(
    fc.property(json, (text) => {
      const later = clock.next();
      const stored = restamped(seal(text), later, FRESH + 5);
      expect(stored).toBe(encodeStored(later, CREATED, FRESH + 5, text));
    }),
  );
});

test('a value cannot reach the prototype of objects', () => {
  const value = readValue(seal('{"__proto__":{"polluted":true}}'));
  expect(Object.hasOwn(value as object, '__proto__')).toBe(true);
  expect('polluted' in {}).toBe(false);
});

const extras = fc.record(
  {
    grace: fc.integer({ min: 1, max: 1e12 }),
    took: fc.nat(),
    etag: fc.string({ unit: 'binary' }),
    modified: fc.nat(),
  },
  { requiredKeys: [] },
);

test('whatever else is said of a value comes out as it was, and changes neither the value nor its head', () => {
  fc.assert(
    fc.property(json, extras, (text, said) => {
      const stored = encodeStored(VERSION, CREATED, FRESH, text, encodeExtras(said));
      expect(extrasOf(stored)).toEqual(said);
      expect(readValue(stored)).toEqual(JSON.parse(text));
      expect([versionOf(stored), createdOf(stored), freshOf(stored)]).toEqual([VERSION, CREATED, FRESH]);
      expect(expiryOf(stored)).toBe(FRESH + (said.grace ?? 0));
      expect(isStale(stored, FRESH - 1)).toBe(false);
      expect(isStale(stored, FRESH)).toBe(said.grace !== undefined);
      expect(extrasOf(restamped(stored, VERSION, FRESH + 5))).toEqual(said);
    }),
  );
});

test('that there is none can be stored, and is no value', () => {
  const stored = encodeStored(VERSION, CREATED, FRESH, 'null', encodeExtras({ absent: true }));
  expect(readValue(stored)).toBeUndefined();
  expect(JSON.parse(stored)).toMatchObject({ absent: true, value: null });
});

test('of a value without anything else nothing else is said', () => {
  expect(extrasOf(seal('{"etag":1}'))).toEqual({});
  expect(extrasOf('{"grace":5}')).toEqual({});
  expect(extrasOf(seal('1').slice(0, 60))).toEqual({});
});
