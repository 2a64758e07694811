import { describe, expect, onTestFinished, test } from 'vitest';
import { SeenKeys } from '../../src/system/seen-keys.ts';
import { startProxy } from '../servers/tcp-proxy.ts';
import { SuiteRedis, understudies } from './systems.ts';

const redis = new SuiteRedis();
const start = understudies();

const keysOf = (count: number, prefix = 'key'): string[] =>
  Array.from({ length: count }, (_, at) => `${prefix} ${String(at).padStart(5, '0')}`);

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const seen: T[] = [];
  for await (const item of items) seen.push(item);
  return seen;
}

describe.each([
  ['memory only', () => ({ memory: { maxEntries: 20_000 } })],
  ['with Redis', () => redis.options],
  [
    'with Redis out',
    () => ({ redis: { url: 'redis://127.0.0.1:1' }, memory: { maxEntries: 20_000 }, deadline: 10_000 }),
  ],
] as const)('%s', (name, options) => {
  test('every key is seen, once, whatever the page', async () => {
    const { cache } = await start(options());
    const keys = keysOf(2_500);
    await cache.setMany(keys.map((key) => [key, key.length] as const));
    for (const pageSize of [7, 1_000, 10_000]) {
      const scan = cache.scan(undefined, { pageSize });
      expect((await all(scan)).sort()).toEqual(keys);
      expect(scan.degraded).toBe(name === 'with Redis out');
    }
    const entries = await all(cache.entries<number>('key 00', { pageSize: 100 }));
    expect(entries.sort()).toEqual(keys.filter((key) => key < 'key 01').map((key) => [key, key.length]));
  });

  test('nothing is nothing, and falsy values are values', async () => {
    const { cache } = await start(options());
    expect(await all(cache.scan())).toEqual([]);
    expect(await all(cache.entries())).toEqual([]);
    const values: [string, unknown][] = [
      ['empty', ''],
      ['no', false],
      ['null', null],
      ['zero', 0],
    ];
    await cache.setMany(values);
    expect((await all(cache.entries())).sort()).toEqual(values);
  });

  test('keys that come and go meanwhile hide none that are there all the while', async () => {
    const { cache } = await start(options());
    const keys = keysOf(600);
    await cache.setMany(keys.map((key) => [key, 1] as const));
    await cache.setMany(keysOf(600, 'gone').map((key) => [key, 1] as const));
    const seen: string[] = [];
    let round = 0;
    for await (const key of cache.scan(undefined, { pageSize: 50 })) {
      seen.push(key);
      if (seen.length % 100 !== 0) continue;
      await cache.deleteMany(keysOf(600, 'gone').slice(round * 60, (round + 1) * 60));
      await cache.setMany(keysOf(50, `new ${round++}`).map((each) => [each, 1] as const));
    }
    expect(seen).toEqual(expect.arrayContaining(keys));
    expect(new Set(seen).size).toBe(seen.length);
  });

  test('what is not there any more when its page is read is left out of the entries', async () => {
    const { cache } = await start(options());
    const keys = keysOf(20);
    await cache.setMany(keys.map((key) => [key, 1] as const));
    const seen: string[] = [];
    for await (const [key] of cache.entries(undefined, { pageSize: 5 })) {
      if (seen.push(key) === 1) await cache.deleteMany(keys.filter((other) => other !== key));
    }
    // Of the first page the values were there already.
    expect(seen.length).toBeLessThan(20);
  });
});

test('it asks for no more pages than are used, and each iteration begins again', async () => {
  const { cache } = await start(redis.options);
  const keys = keysOf(5_000);
  await cache.setMany(keys.map((key) => [key, 1] as const));
  await redis.resetCalls();
  const scan = cache.scan(undefined, { pageSize: 100 });
  for await (const _ of scan) break;
  expect(await redis.calls()).toMatchObject({ scan: 1 });
  await redis.resetCalls();
  let count = 0;
  for await (const _ of cache.entries(undefined, { pageSize: 100 })) if (++count === 150) break;
  const { scan: scans = 0 } = await redis.calls();
  expect(scans).toBeLessThanOrEqual(4);
  expect((await all(scan)).sort()).toEqual(keys);
});

test('when Redis goes out meanwhile it goes on with what memory holds, says so, and repeats no key', async () => {
  const proxy = await startProxy(redis.server.port);
  onTestFinished(() => proxy.stop());
  const { cache } = await start({
    redis: { host: '127.0.0.1', port: proxy.port },
    memory: { maxEntries: 5_000 },
  });
  const keys = keysOf(1_000);
  await cache.setMany(keys.map((key) => [key, 1] as const));
  const scan = cache.scan(undefined, { pageSize: 100 });
  const seen: string[] = [];
  for await (const key of scan) if (seen.push(key) === 300) proxy.blackHole();
  expect(scan.degraded).toBe(true);
  expect(seen.sort()).toEqual(keys);
});

test.each([[0], [10_001], [1.5], ['many'], [null]])('a page of %s is refused', async (pageSize) => {
  const { cache } = await start();
  const loose = cache.scan.bind(cache) as (prefix: unknown, options: unknown) => unknown;
  expect(() => loose('', { pageSize })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  expect(() => loose('', { limit: 5 })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
});

test('a prefix that is no key is refused when it is asked for', async () => {
  const { cache } = await start();
  await expect(all(cache.scan('a\ud83d'))).rejects.toMatchObject({ code: 'INVALID_KEY' });
});

test('what has been seen is known again, however many there are', () => {
  const seen = new SeenKeys();
  const keys = keysOf(20_000);
  expect(keys.every((key) => seen.add(key))).toBe(true);
  expect(keys.some((key) => seen.add(key))).toBe(false);
  expect(seen.add('another')).toBe(true);
});
