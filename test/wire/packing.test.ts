import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Opening } from '../../src/wire/opening.ts';
import { ALGORITHM_NAMES } from '../../src/wire/packing-options.ts';
import { encodeExtras, extrasOf, readValue, UNREADABLE } from '../../src/wire/stored.ts';
import { KEY_1, KEY_2, read, sealed, store, valuesWith } from './packed-values.ts';

const text = 'All work and no play makes Jack a dull boy. '.repeat(60);
const compressions = [undefined, ...ALGORITHM_NAMES.map((algorithm) => ({ algorithm, threshold: 1_024 }))];
const seals = [undefined, sealed('encrypt'), sealed('sign')];

const ways = compressions.flatMap((compression) =>
  seals.flatMap((seal) =>
    [Infinity, 1_500].map((offload) => ({
      name: `${compression?.algorithm ?? 'plain'}, ${seal?.mode ?? 'unsealed'}, ${offload === Infinity ? 'at once' : 'aside'}`,
      compression,
      seal,
      offload,
    })),
  ),
);

describe.each(ways)('$name', ({ name: _name, ...way }) => {
  test.each([
    ['json', { text, list: [1, null] }],
    ['json', { at: new Date(0), text }],
    ['msgpack', { at: new Date(0), text, bytes: Buffer.from(text) }],
    ['structured', { list: [text, -0] }],
    ['raw', text],
    ['raw', Buffer.from(text)],
    ['raw', ''],
    ['raw', Buffer.alloc(0)],
  ] as const)('%s: what is stored is read again', async (codec, value) => {
    const values = valuesWith({ codec, ...way });
    const stored = await store(values, 'a', value);
    expect(JSON.parse(stored)).toMatchObject({ understudy: 1, value: expect.anything() });
    expect(await read(values, 'a', stored)).toEqual(value);
  });

  test('whatever else is said of a value is still there to be read', async () => {
    const values = valuesWith(way);
    const said = { grace: 5, etag: 'a","codec":"x"', took: 7 };
    const stored = await store(values, 'a', text, encodeExtras(said));
    expect(extrasOf(stored)).toMatchObject(said);
    expect(await read(values, 'a', stored)).toBe(text);
    const nothing = await store(values, 'a', null, encodeExtras({ absent: true }));
    expect(await read(values, 'a', nothing)).toBeUndefined();
  });

  test('damage anywhere is a value or a miss, never an exception', async () => {
    const values = valuesWith(way);
    const stored = await store(values, 'a', { text, at: new Date(0) });
    const damaged = fc
      .tuple(fc.nat(stored.length - 1), fc.nat(3), fc.string({ maxLength: 3 }))
      .map(([at, cut, put]) => stored.slice(0, at) + put + stored.slice(at + cut));
    await fc.assert(
      fc.asyncProperty(damaged, async (other) => {
        const value = await read(values, 'a', other);
        // What is sealed is read as it was, or not at all.
        if (way.seal !== undefined && value !== UNREADABLE) expect(value).toEqual({ text, at: new Date(0) });
      }),
      { numRuns: 200 },
    );
    expect('polluted' in {}).toBe(false);
  });
});

test('a value is compressed from the threshold on, where that makes it smaller', async () => {
  const values = valuesWith({ compression: { algorithm: 'zstd', threshold: 1_024 } });
  const noise = Array.from({ length: 1_100 }, (_, at) => String.fromCharCode(33 + ((at * 7919) % 89)));
  const dense = Buffer.from(Array.from({ length: 3_000 }, () => Math.floor(Math.random() * 256)));
  expect(await store(values, 'a', 'x'.repeat(1_021))).not.toContain('codec');
  expect(await store(values, 'a', 'x'.repeat(1_022))).toContain('"codec":"json+zstd","length":1024,');
  expect(noise).toHaveLength(1_100);
  expect(await store(values, 'a', dense.toString('base64'))).not.toContain('codec');
});

test('only large values are read aside', async () => {
  const values = valuesWith({ compression: { algorithm: 'gzip', threshold: 1_024 }, offload: 2_000 });
  expect(values.pack('a', 'x'.repeat(1_500), '')).not.toBeInstanceOf(Promise);
  expect(values.pack('a', 'x'.repeat(2_500), '')).toBeInstanceOf(Promise);
  expect(values.read('a', await store(values, 'a', 'x'.repeat(1_500)))).toBe('x'.repeat(1_500));
  const stored = await store(values, 'a', { text: 'x'.repeat(2_500) });
  const opening = values.read('a', stored);
  expect(opening).toBeInstanceOf(Opening);
  // Whoever asks meanwhile waits for the same, and each has a value of its own.
  expect(values.read('a', stored)).toBe(opening);
  const [one, other] = await Promise.all([read(values, 'a', stored), read(values, 'a', stored)]);
  expect(one).toEqual({ text: 'x'.repeat(2_500) });
  expect(one).not.toBe(other);
});

test('counters are plain numbers whatever the codec, so that Redis can add to them', async () => {
  for (const codec of ['json', 'msgpack', 'structured'] as const)
    expect(readValue(await store(valuesWith({ codec }), 'a', 42))).toBe(42);
});

describe('what cannot be read is counted by its reason', () => {
  const plain = valuesWith({});
  const reasonFor = async (values = plain, stored = '', key = 'a'): Promise<string | undefined> => {
    const before = { ...values.unreadable };
    expect(await read(values, key, stored)).toBe(UNREADABLE);
    const changed = Object.entries(values.unreadable).filter(
      ([name, count]) => count !== Reflect.get(before, name),
    );
    expect(changed).toHaveLength(1);
    return changed[0]?.[0];
  };
  const envelope = (said: string, value: string): string =>
    `{"understudy":1,"version":"0199aaaaaaaa-0000-9f8e7d6c","created":1763700000000,"fresh":1763703600000,${said},"value":${value}}`;

  test.each([
    ['no JSON', 'hello', 'corrupt'],
    ['a later envelope', '{"understudy":2,"value":1}', 'codec'],
    ['a codec that is not known', envelope('"codec":"cbor"', '"oQ=="'), 'codec'],
    ['a compression that is not known', envelope('"codec":"json+lzma","length":5', '"oQ=="'), 'codec'],
    ['a step too many', envelope('"codec":"json+zstd+zstd","length":5', '"oQ=="'), 'codec'],
    ['bytes that are none', envelope('"codec":"msgpack"', '[1]'), 'corrupt'],
    ['bytes that mean nothing', envelope('"codec":"msgpack"', '"wQ=="'), 'corrupt'],
    ['a compressed value without its length', envelope('"codec":"json+zstd"', '"oQ=="'), 'bound'],
    ['what is no zstd', envelope('"codec":"json+zstd","length":5', '"oQ=="'), 'corrupt'],
    ['what was sealed elsewhere', envelope('"codec":"json+encrypted","keyId":"k1"', '"oQ=="'), 'unknown-key'],
  ])('%s: %s', async (_name, stored, reason) => {
    expect(await reasonFor(plain, stored)).toBe(reason);
  });

  test.each([
    ['zstd', zstdCompressSync],
    ['gzip', gzipSync],
    ['brotli', brotliCompressSync],
  ] as const)('a bomb of %s is a miss, and takes no memory', async (algorithm, compress) => {
    const bomb = compress(Buffer.alloc(64_000_000, ' ')).toString('base64');
    const values = valuesWith({ limit: 1_000_000, offload: 500_000 });
    const lying = (length: number): string =>
      envelope(`"codec":"json+${algorithm}","length":${length}`, `"${bomb}"`);
    expect(await reasonFor(values, lying(64_000_000))).toBe('bound');
    expect(await reasonFor(values, lying(100))).toBe('bound');
    expect(await reasonFor(values, lying(900_000))).toBe('bound');
  });

  test('a length that is not the one is corrupt', async () => {
    const short = zstdCompressSync('[1]').toString('base64');
    expect(await reasonFor(plain, envelope('"codec":"json+zstd","length":50', `"${short}"`))).toBe('corrupt');
  });

  test.each(['encrypt', 'sign'] as const)(
    '%s: tampered, swapped, of an unknown key, unsealed',
    async (mode) => {
      const values = valuesWith({ seal: sealed(mode) });
      const stored = await store(values, 'a', { admin: false }, ',"etag":"v1"');
      expect(await read(values, 'a', stored)).toEqual({ admin: false });
      expect(await reasonFor(values, stored, 'b')).toBe('tampered');
      expect(await reasonFor(values, stored.replace('"etag":"v1"', '"etag":"v2"'))).toBe('tampered');
      expect(await reasonFor(values, stored.replace(',"etag":"v1"', ''))).toBe('tampered');
      expect(await reasonFor(values, stored.replace('"k1"', '"k2"'))).toBe('unknown-key');
      expect(await reasonFor(valuesWith({ seal: sealed(mode, [KEY_1], 'app:other:') }), stored)).toBe(
        'tampered',
      );
      expect(await reasonFor(valuesWith({ seal: sealed(mode, [{ ...KEY_2, id: 'k1' }]) }), stored)).toBe(
        'tampered',
      );
      expect(await reasonFor(values, await store(plain, 'a', { admin: true }))).toBe('unsealed');
      expect(await reasonFor(values, '{"admin":true}')).toBe('unsealed');
      expect(await reasonFor(values, envelope('"codec":"rich","keyId":"k1"', '1'))).toBe('unsealed');
      expect(await reasonFor(values, envelope('"absent":true', 'null'))).toBe('unsealed');
      const other = mode === 'sign' ? 'encrypted' : 'signed';
      expect(await reasonFor(values, envelope(`"codec":"json+${other}","keyId":"k1"`, '"AAAA"'))).toBe(
        'tampered',
      );
    },
  );
});

test('what is signed stays readable, and what is encrypted does not', async () => {
  expect(await store(valuesWith({ seal: sealed('sign') }), 'a', { name: 'Ada' })).toContain(
    '"value":{"name":"Ada"}}',
  );
  expect(await store(valuesWith({ seal: sealed('encrypt') }), 'a', { name: 'Ada' })).not.toContain('Ada');
});

test('no two seals of a value are alike', async () => {
  const values = valuesWith({ seal: sealed('encrypt') });
  const texts = await Promise.all([1, 2, 3].map(() => store(values, 'a', 1)));
  expect(new Set(texts.map((each) => each.slice(each.indexOf('"value"')))).size).toBe(3);
});

test.each(['encrypt', 'sign'] as const)('%s: keys are rotated without a miss', async (mode) => {
  const before = valuesWith({ seal: sealed(mode, [KEY_1]) });
  const during = valuesWith({ seal: sealed(mode, [KEY_2, KEY_1]) });
  const after = valuesWith({ seal: sealed(mode, [KEY_2]) });
  const [old, recent] = [await store(before, 'a', 'old'), await store(during, 'a', 'new')];
  expect([await read(during, 'a', old), await read(during, 'a', recent)]).toEqual(['old', 'new']);
  expect([await read(after, 'a', old), await read(after, 'a', recent)]).toEqual([UNREADABLE, 'new']);
  expect(after.unreadable['unknown-key']).toBe(1);
});

test('with keys but without a mode, what was sealed is still read, and nothing is sealed any more', async () => {
  const values = valuesWith({ seal: sealed(undefined) });
  expect(await read(values, 'a', await store(valuesWith({ seal: sealed('encrypt') }), 'a', 1))).toBe(1);
  expect(await store(values, 'a', 1)).not.toContain('codec');
});
