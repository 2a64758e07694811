import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cloneRich } from '../../../src/wire/clone.ts';
import { CODECS, readingOf } from '../../../src/wire/codecs/codecs.ts';
import { richValue } from './rich-values.ts';

const through = (codec: 'json' | 'structured', value: unknown): unknown => {
  const { encoding, content } = CODECS[codec].encode(value);
  // Over Redis it goes as UTF-8.
  return readingOf(encoding)?.read(Buffer.from(content));
};

/** Where an error was thrown is not kept. */
const withoutStacks = (value: unknown): unknown => {
  const seen = new Set<unknown>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null || seen.has(node)) return;
    seen.add(node);
    if (node instanceof Error) Object.defineProperty(node, 'stack', { value: '', enumerable: false });
    if (node instanceof Map || node instanceof Set) for (const each of node.entries()) each.forEach(visit);
    for (const name of Object.getOwnPropertyNames(node))
      if (!ArrayBuffer.isView(node)) visit(Reflect.get(node, name));
  };
  visit(value);
  return value;
};

const same = (one: unknown, other: unknown): void =>
  deepStrictEqual(withoutStacks(one), withoutStacks(other));

describe.each(['json', 'structured'] as const)('%s', (codec) => {
  test('every value comes back as it was', () => {
    const kept = fc.property(richValue, (value) => same(through(codec, value), value));
    expect(() => fc.assert(kept, { numRuns: 1_000 })).not.toThrow();
  });

  test('what comes back is of the same kind', () => {
    const value = {
      buffer: Buffer.from('a'),
      bytes: new Uint8Array([1]),
      memory: new ArrayBuffer(2),
      error: new AggregateError([new Error('one')], 'all'),
      own: Object.assign(new RangeError('x', { cause: new Error('y') }), { name: 'Custom', code: 7 }),
      when: new Date(Number.NaN),
    };
    const read = through(codec, value) as typeof value;
    expect(Buffer.isBuffer(read.buffer)).toBe(true);
    expect(Buffer.isBuffer(read.bytes)).toBe(false);
    expect(read.memory).toBeInstanceOf(ArrayBuffer);
    expect(read.error).toBeInstanceOf(AggregateError);
    expect(read.error.errors).toEqual([new Error('one')]);
    expect(read.own).toBeInstanceOf(RangeError);
    expect(read.own).toMatchObject({ name: 'Custom', message: 'x', cause: new Error('y'), code: 7 });
    expect(Object.keys(read.own)).toEqual(Object.keys(value.own).filter((name) => name !== 'name'));
    expect(read.when.getTime()).toBeNaN();
  });
});

test('a copy is equal, and none of it is the same', () => {
  fc.assert(
    fc.property(richValue, (value) => {
      const copy = cloneRich(value);
      same(copy, value);
      if (typeof value === 'object' && value !== null) expect(copy).not.toBe(value);
    }),
  );
});

test('structured keeps what is there twice, and what contains itself, also in a copy', () => {
  const shared = { at: new Date(0) };
  const value: Record<string, unknown> = { one: shared, other: shared, list: [shared.at] };
  value.self = value;
  value.map = new Map([[value, new Set([value])]]);
  value.error = new Error('x', { cause: value });
  for (const read of [through('structured', value), cloneRich(value)] as (typeof value)[]) {
    expect(read.self).toBe(read);
    expect(read.one).toBe(read.other);
    expect((read.list as unknown[])[0]).toBe((read.one as typeof shared).at);
    expect([...(read.map as Map<unknown, Set<unknown>>).entries()]).toEqual([[read, new Set([read])]]);
    expect((read.error as Error).cause).toBe(read);
  }
});

test('structured tells apart what JSON does not', () => {
  const value = { zero: -0, missing: undefined, list: [-0] };
  deepStrictEqual(through('structured', value), value);
  expect(Object.keys(through('structured', value) as object)).toEqual(['zero', 'missing', 'list']);
});

test.each([
  ['a function', () => 1],
  ['a symbol within', { deep: [Symbol('s')] }],
  ['undefined', undefined],
])('structured refuses %s', (_name, value) => {
  expect(() => CODECS.structured.encode(value)).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }));
});

test('the text is for people to read', () => {
  const { content } = CODECS.json.encode({ at: new Date(0), ids: new Set([1n]), name: 'Ada' });
  expect(content).toBe(
    '{"at":{"$date":"1970-01-01T00:00:00.000Z"},"ids":{"$set":[{"$bigint":"1"}]},"name":"Ada"}',
  );
});

test.each([
  '{"$nothing":1}',
  '{"$date":"yesterday"}',
  '{"$date":{}}',
  '{"$map":[[1]]}',
  '{"$map":[[1,2,3]]}',
  '{"$set":{}}',
  '{"$bigint":"1.5"}',
  '{"$bigint":"0x10"}',
  '{"$number":"7"}',
  '{"$bytes":["Function","AA=="]}',
  '{"$bytes":["Uint32Array","AA=="]}',
  '{"$bytes":["__proto__","AA=="]}',
  '{"$regexp":["(","g"]}',
  '{"$regexp":["a","gg"]}',
  `{"$regexp":["${'a'.repeat(5_000)}",""]}`,
  '{"$error":{"kind":"Error"}}',
  '{"$error":{"kind":"constructor","message":"x"}}',
  '{"$ref":0}',
  '{"a":1,"$date":null}',
  '[',
])('%s is not what a codec writes', (text) => {
  expect(() => readingOf('rich')?.read(text)).toThrow();
});

test.each(['{"$ref":1}', '{"$ref":-1}', '{"$ref":"0"}', '[{"$ref":7}]'])('%s refers to nothing', (text) => {
  expect(() => readingOf('structured')?.read(text)).toThrow();
});

test('nothing that is read reaches a prototype, or runs', () => {
  const texts = [
    '{"__proto__":{"polluted":true}}',
    '{"a":{"__proto__":{"polluted":true},"$$x":1}}',
    '{"$error":{"kind":"Error","message":"","properties":{"__proto__":{"polluted":true}}}}',
    '{"$error":{"kind":"Error","name":"constructor","message":"x"}}',
    '{"$map":[["__proto__",{"polluted":true}]]}',
    '{"toJSON":"x","then":"y","constructor":{"prototype":{"polluted":true}}}',
  ];
  for (const encoding of ['rich', 'structured'])
    for (const text of texts) {
      const value = readingOf(encoding)?.read(text);
      expect('polluted' in {}).toBe(false);
      if (!(value instanceof Error) && !(value instanceof Map))
        expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    }
});
