import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Understudy } from '../../src/system/understudy.ts';
import { createUnderstudy } from '../../src/system.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';

const HEAD = '{"understudy":1,"version":"';
const VERSION = '019a0000dead-0000-0badcafe';
const TIMES = '","created":1763700000000,"fresh":9763703600000,"value":';

const GARBAGE: Record<string, string | Uint8Array> = {
  'invalid UTF-8': Uint8Array.of(0xff, 0xfe, 0x80, 0x00, 0xc3, 0x28),
  'an envelope with invalid UTF-8 in it': Buffer.concat([
    Buffer.from(HEAD + VERSION + TIMES),
    Buffer.of(0xff, 0x7d),
  ]),
  'an envelope cut off in its version': HEAD.concat(VERSION.slice(0, 9)),
  'an envelope cut off in its times': HEAD.concat(VERSION, TIMES.slice(0, 20)),
  'an envelope cut off before its value': HEAD.concat(VERSION, TIMES),
  'an envelope cut off in its value': HEAD.concat(VERSION, TIMES, '{"a":[1,2'),
  'an envelope of a later kind': '{"understudy":2,"version":"x","value":1}',
  'an envelope with an unknown codec': HEAD.concat(VERSION, TIMES.slice(0, -8), '"codec":"x","value":1}'),
  'an envelope without a value': '{"understudy":1}',
  nothing: '',
  'no JSON': 'hello',
  'deeply nested brackets': '['.repeat(200_000),
};

let redis: RedisServer;
let understudy: Understudy;
beforeAll(async () => {
  redis = await startRedis();
  understudy = await createUnderstudy({
    prefix: '',
    redis: { url: redis.url, commandTimeout: 4_000 },
    deadline: 10_000,
  });
});
afterAll(async () => {
  await understudy.stop();
  await redis.stop();
});
beforeEach(() => redis.call('FLUSHALL'));

/** A miss however it is asked for, and replaced by whoever has a value. */
async function expectMiss(): Promise<void> {
  const { cache } = understudy;
  const before = (await understudy.health()).stats;
  expect(await cache.get('k')).toBeUndefined();
  expect(await cache.find('k')).toEqual({ found: false, tier: 'redis', degraded: false });
  expect(await cache.has('k')).toBe(false);
  expect(await cache.getMany(['k', 'missing'])).toEqual(new Map());
  await expect(cache.increment('k')).rejects.toMatchObject({ code: 'NOT_A_NUMBER' });
  const after = (await understudy.health()).stats;
  expect({ hits: after.hits - before.hits, misses: after.misses - before.misses }).toEqual({
    hits: 0,
    misses: 5,
  });
  expect(await cache.getOrSet('k', () => 'loaded')).toBe('loaded');
  expect(await cache.get('k')).toBe('loaded');
  expect(await understudy.ask({ type: 'circuit-breaker.status' })).toMatchObject({
    state: 'closed',
    trips: 0,
  });
}

test.for(Object.entries(GARBAGE))('%s is a miss', async ([, bytes]) => {
  await redis.call('SET', 'k', bytes);
  await expectMiss();
});

test.for(['LPUSH', 'SADD'] as const)('what %s made is a miss', async (command) => {
  await redis.call(command, 'k', 'element');
  await expectMiss();
});

test('what somebody else made is touched, deleted and replaced like anything else', async () => {
  const { cache } = understudy;
  await redis.call('SET', 'plain', '{"of":"somebody else"}');
  await redis.call('LPUSH', 'list', 'element');
  expect(await cache.get('plain')).toEqual({ of: 'somebody else' });
  expect(await cache.touch('plain', '1m')).toBe(true);
  expect(await redis.call('PTTL', 'plain')).toBeGreaterThan(50_000);
  expect(await cache.touch('list', '1m')).toBe(false);
  expect(await cache.delete('list')).toBe(true);
  await cache.set('plain', 1);
  expect(await cache.get('plain')).toBe(1);
});
