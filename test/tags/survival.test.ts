import { expect, test } from 'vitest';
import { Markers } from '../../src/tiers/markers.ts';
import { NEVER, tagMarker } from '../../src/wire/marker.ts';
import { Namespaces } from '../../src/wire/namespaces.ts';
import { encodeExtras, encodeStored } from '../../src/wire/stored.ts';
import { switchedCaches } from '../cache/switched-cache.ts';
import { SuiteRedis, understudies } from '../cache/systems.ts';

const redis = new SuiteRedis();
const start = switchedCaches();
const startWhole = understudies();
const namespaces = { users: {} };
const VERSION = '019f65a5eac8-0001-eb76aae3';

test('tags that nobody of us has written crash nothing', async () => {
  const { cache } = await startWhole(redis.options);
  const text = encodeStored(VERSION, 1_784_116_800_000, 9_999_999_999_999, '1', ',"tags":["%"]');
  await redis.call('SET', 'understudy:a', text);
  expect(await cache.find('a')).toMatchObject({ found: false, tier: 'redis', degraded: false });
  expect(await cache.getOrSet('a', () => 2)).toBe(2);
});

test('an actor that has crashed asks for markers as before', async () => {
  const { port } = redis.server;
  const [one, other] = [await start({ port }), await start({ port })];
  await one.cache.set('a', 1, { tags: ['red'] });
  for (let at = 0; at < 20; at++) await one.cache.get('a');
  await one.crash();
  await other.cache.invalidateTags('red');
  expect(await one.cache.get('a')).toBeUndefined();
});

test('a counter of a namespace counts on when Redis has lost its marker', async () => {
  const { cache } = await startWhole({ ...redis.options, namespaces });
  expect(await cache.increment('users:n')).toBe(1);
  await redis.call('FLUSHALL');
  expect([await cache.increment('users:n'), await cache.increment('users:n')]).toEqual([1, 2]);
  expect(await cache.get('users:n')).toBe(2);
  await redis.call('DEL', 'understudy:~namespace:users');
  expect([await cache.increment('users:n'), await cache.increment('users:n')]).toEqual([1, 2]);
});

test('what is stored is good also where it is the first to find that the marker is lost', async () => {
  const [one, other] = [
    await startWhole({ ...redis.options, namespaces }),
    await startWhole({ ...redis.options, namespaces }),
  ];
  await one.cache.set('a', 1, { tags: ['red'] });
  await one.cache.set('users:1', 1);
  await redis.call('FLUSHALL');
  expect(await one.cache.set('b', 2, { tags: ['red'] })).toMatchObject({ durable: true });
  expect(await one.cache.set('users:2', 2)).toMatchObject({ durable: true });
  for (const { cache } of [one, other])
    expect(await cache.getMany(['a', 'b', 'users:1', 'users:2'])).toEqual(
      new Map([
        ['b', 2],
        ['users:2', 2],
      ]),
    );
});

test('markers that are forgotten take what they said with them, for all that depends on them', () => {
  const markers = new Markers(new Namespaces(), 4);
  const stored = (...tags: string[]): string =>
    encodeStored(VERSION, 1_784_116_800_000, 9_999_999_999_999, '1', encodeExtras({ tags }));
  for (const tag of ['a', 'b', 'c']) markers.of('k', stored(tag));
  const both = stored('d', 'e');
  expect(markers.verdict('k', both)).toBe('good');
  const later = '019f65a5eac9-0000-eb76aae3';
  for (const tag of ['d', 'e']) {
    const mark = { op: 'mark', key: tagMarker(tag), version: later, ttl: 1, since: later } as const;
    markers.apply({ ...mark, invalidated: later, expired: NEVER });
    expect(markers.verdict('k', both)).toBe('invalidated');
  }
  for (const tag of ['f', 'g', 'h', 'i']) markers.of('k', stored(tag));
  expect(markers.verdict('k', both)).toBe('invalidated');
});

test('invalidations of ever new tags take no more room than is allowed, and are not forgotten', () => {
  const markers = new Markers(new Namespaces(), 4);
  const later = '019f65a5eac9-0000-eb76aae3';
  const tags = Array.from({ length: 20 }, (_, at) => `tag${at}`);
  for (const tag of tags) {
    const mark = { op: 'mark', key: tagMarker(tag), version: later, ttl: 1, since: NEVER } as const;
    markers.apply({ ...mark, invalidated: later, expired: NEVER });
    expect(markers.size).toBeLessThanOrEqual(4);
  }
  for (const tag of tags) {
    const stored = encodeStored(
      VERSION,
      1_784_116_800_000,
      9_999_999_999_999,
      '1',
      encodeExtras({ tags: [tag] }),
    );
    expect(markers.verdict('k', stored)).toBe('invalidated');
  }
});

test('what an invalidation was stamped with moves with the clock', async () => {
  const { port } = redis.server;
  const one = await start({ port });
  one.down();
  await one.cache.set('a', 1, { tags: ['red'] });
  await one.cache.invalidateTags('red');
  const by = -3_600_000;
  one.state.memory.shift({ by, instance: one.state.time.instance });
  one.state.journal.shift({ by, instance: one.state.time.instance });
  const { invalidated } = one.state.memory.markers.get(tagMarker('red'));
  expect(Number.parseInt(invalidated.slice(0, 12), 16)).toBeLessThan(one.clock.now() - 3_000_000);
  expect(await one.cache.get('a')).toBeUndefined();
});
