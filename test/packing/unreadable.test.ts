import { describe, expect, test } from 'vitest';
import type { Understudy } from '../../src/index.ts';
import { SuiteRedis, understudies } from '../cache/systems.ts';
import { compression, large, packed, SECRET_1, SECRET_2, seal } from './packed-systems.ts';

const redis = new SuiteRedis();
const start = understudies();

async function unreadable(understudy: Understudy): Promise<Record<string, number>> {
  const families = await understudy.ask({ type: 'metrics.snapshot' });
  const family = families.find(({ name }) => name === 'understudy_unreadable_total');
  const counts = family?.series.map(({ labels, value }) => [labels.reason, value] as const) ?? [];
  return Object.fromEntries(counts.filter(([, value]) => value !== 0));
}

const stored = async (key: string): Promise<string> => String(await redis.call('GET', `understudy:${key}`));

/** Puts what is stored at one key elsewhere, changed or not. */
async function copy(from: string, to: string, change = (text: string) => text): Promise<void> {
  await redis.call('SET', `understudy:${to}`, change(await stored(from)));
}

test('what was tampered with, swapped or sealed by a stranger is a counted miss, and is loaded anew', async () => {
  const understudy = await start({ ...redis.options, ...packed });
  const { cache } = understudy;
  const stranger = await start({
    ...redis.options,
    seal: { ...seal, keys: [{ id: 'k2', secret: SECRET_2 }] },
  });
  await cache.set('small', { admin: false });
  await cache.set('large', large('x'));
  for (const key of ['small', 'large']) {
    await copy(key, `swapped:${key}`);
    await copy(key, key, (text) => text.replace(/.{8}"}$/, (end) => `AAAA${end.slice(4)}`));
  }
  await stranger.cache.set('stranger', 1);
  await redis.call('SET', 'understudy:plain', '{"admin":true}');
  const keys = ['small', 'large', 'swapped:small', 'swapped:large', 'stranger', 'plain'];
  for (const key of keys)
    expect(await cache.find(key), key).toEqual({ found: false, tier: 'redis', degraded: false });
  expect(await cache.getMany(keys)).toEqual(new Map());
  expect(await unreadable(understudy)).toMatchObject({ tampered: 8, 'unknown-key': 2, unsealed: 2 });
  for (const key of keys) {
    expect(await cache.getOrSet(key, () => 'loaded'), key).toBe('loaded');
    expect(await cache.get(key), key).toBe('loaded');
  }
});

test('a bomb is a counted miss, and is loaded anew', async () => {
  const [small, great] = await Promise.all([
    start({ ...redis.options, compression, maxValueLength: 10_000 }),
    start({ ...redis.options, compression }),
  ]);
  await great.cache.set('a', 'x'.repeat(1_000_000));
  expect(await small.cache.get('a')).toBeUndefined();
  expect(await unreadable(small)).toEqual({ bound: 1 });
  expect(await small.cache.getOrSet('a', () => 'loaded')).toBe('loaded');
});

test('what is read does not depend on what is written: codecs and compressions may be changed at any time', async () => {
  const ways = [
    { codec: 'msgpack', compression },
    { codec: 'structured', compression: { algorithm: 'brotli' } },
    { codec: 'json', compression: { algorithm: 'gzip' } },
    { codec: 'json' },
  ] as const;
  const systems = await Promise.all(ways.map((way) => start({ ...redis.options, ...way })));
  const value = { text: 'x'.repeat(5_000), at: new Date(0) };
  for (const [at, { cache }] of systems.entries()) await cache.set(`${at}`, value);
  for (const { cache } of systems)
    for (const at of systems.keys()) expect(await cache.get(`${at}`)).toEqual(value);
});

describe('keys are rotated', () => {
  const ring = (...ids: ('k1' | 'k2')[]) => ({
    mode: 'encrypt' as const,
    keys: ids.map((id) => ({ id, secret: id === 'k1' ? SECRET_1 : SECRET_2 })),
  });

  test('with the new key first and the old one behind, nothing is missed', async () => {
    const before = await start({ ...redis.options, seal: ring('k1') });
    await before.cache.set('old', 1);
    const during = await start({ ...redis.options, seal: ring('k2', 'k1') });
    await during.cache.set('new', 2);
    expect(await during.cache.getMany(['old', 'new'])).toEqual(
      new Map([
        ['old', 1],
        ['new', 2],
      ]),
    );
    expect(await stored('new')).toContain('"keyId":"k2"');
    const after = await start({ ...redis.options, seal: ring('k2') });
    expect(await after.cache.getMany(['old', 'new'])).toEqual(new Map([['new', 2]]));
    expect(await unreadable(after)).toEqual({ 'unknown-key': 1 });
  });
});

test('a namespace has a codec, a compression and a seal of its own', async () => {
  const understudy = await start({
    ...redis.options,
    seal: { keys: seal.keys },
    namespaces: {
      secrets: { seal: { mode: 'encrypt' } },
      signed: { seal: { mode: 'sign' } },
      blobs: { codec: 'raw', compression: { algorithm: 'gzip' } },
    },
  });
  const { cache } = understudy;
  await cache.set('plain', { n: 1 });
  await cache.namespace('secrets').set('a', { n: 1 });
  await cache.namespace('signed').set('a', { n: 1 });
  await cache.namespace('blobs').set('a', Buffer.alloc(2_000));
  expect(await stored('plain')).toMatch(/"value":{"n":1}}$/);
  expect(await stored('secrets:a')).toMatch(/"codec":"json\+encrypted"/);
  expect(await stored('signed:a')).toMatch(/"codec":"json\+signed".*"value":{"n":1}}$/);
  expect(await stored('blobs:a')).toMatch(/"codec":"bytes\+gzip"/);
  expect(await cache.get('secrets:a')).toEqual({ n: 1 });
  expect(await cache.get('signed:a')).toEqual({ n: 1 });
  expect(await cache.get('blobs:a')).toEqual(Buffer.alloc(2_000));
  await expect(cache.set('blobs:b', 1)).rejects.toMatchObject({ code: 'INVALID_VALUE' });
  // Neither takes what the other was given.
  await copy('secrets:a', 'signed:b');
  await copy('signed:a', 'secrets:b');
  expect(await cache.getMany(['signed:b', 'secrets:b'])).toEqual(new Map());
});

test.each(['encrypt', 'sign'] as const)(
  '%s: counters are refused, as Redis could not add to them',
  async (mode) => {
    const { cache } = await start({ ...redis.options, seal: { ...seal, mode } });
    await expect(cache.increment('n')).rejects.toMatchObject({ code: 'SEALED' });
    expect(await redis.call('EXISTS', 'understudy:n')).toBe(0);
  },
);

test('what is written in another way than as a plain number is no counter', async () => {
  const { cache } = await start({ ...redis.options, codec: 'msgpack' });
  await cache.set('n', 5);
  expect(await cache.increment('n')).toBe(6);
  await cache.set('n', 5.5);
  await expect(cache.increment('n')).rejects.toMatchObject({ code: 'NOT_A_NUMBER' });
  expect(await cache.get('n')).toBe(5.5);
});

test('that there is none can be remembered whatever the codec', async () => {
  const { cache } = await start({ ...redis.options, codec: 'raw' });
  expect(await cache.getOrSet<unknown>('none', () => undefined, { negativeTtl: '1h' })).toBeUndefined();
  expect(await cache.getOrSet<unknown>('none', () => 'must not be asked')).toBeUndefined();
});

test('what a loader says of a value, and that there is none, is sealed with it', async () => {
  const { cache } = await start({ ...redis.options, ...packed });
  const etags: unknown[] = [];
  const options = { ttl: 1, grace: '1h', staleWhileRevalidate: true } as const;
  await cache.getOrSet(
    'a',
    ({ setEtag }) => {
      setEtag('v1');
      return large('x');
    },
    options,
  );
  await expect
    .poll(async () => {
      await cache.getOrSet(
        'a',
        ({ stale, notModified }) => {
          etags.push(stale?.etag);
          return notModified();
        },
        options,
      );
      return etags.length;
    })
    .toBeGreaterThan(0);
  expect(etags[0]).toBe('v1');
  expect(await cache.getOrSet<unknown>('none', () => undefined, { negativeTtl: '1h' })).toBeUndefined();
  expect(await stored('none')).toMatch(/"absent":true,"codec":"json\+encrypted"/);
  expect(await cache.getOrSet<unknown>('none', () => 'must not be asked')).toBeUndefined();
});
