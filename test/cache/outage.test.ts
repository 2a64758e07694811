import { expect, test } from 'vitest';
import type { CacheMessage, Leased } from '../../actors/cache/messages.ts';
import { Stamper } from '../../actors/cache/stamper.ts';
import { settled } from '../../src/testing/settled.ts';
import { encodeStored } from '../../src/wire/stored.ts';
import { switchedCaches } from './switched-cache.ts';
import { SuiteRedis } from './systems.ts';

const redis = new SuiteRedis();
const start = switchedCaches();

async function stored(key: string): Promise<unknown> {
  const text = await redis.call('GET', `understudy:${key}`);
  return text === null ? undefined : JSON.parse(String(text)).value;
}

const written = (text: string) => ({ said: '', text });

test('while Redis is out all is answered from memory, says so, and is true in Redis afterwards', async () => {
  const { cache, ...switched } = await start({ port: redis.server.port }).then((made) => ({
    cache: made.cache,
    down: () => made.down(),
    up: () => made.up(),
    state: made.state,
  }));
  await cache.setMany([
    ['kept', 1],
    ['changed', 1],
    ['deleted', 1],
    ['counted', 10],
    ['touched', 1],
  ]);
  switched.down();
  expect(await cache.set('changed', 2)).toMatchObject({ tier: 'memory', degraded: true, durable: false });
  expect(await cache.delete('deleted')).toBe(true);
  expect(await cache.increment('counted', 5)).toBe(15);
  expect(await cache.touch('touched', '2h')).toBe(true);
  expect(await cache.getOrSet('loaded', () => 'fresh')).toBe('fresh');
  expect(await cache.find('kept')).toMatchObject({ found: true, value: 1, tier: 'memory', degraded: true });
  expect(await cache.find('none')).toEqual({ found: false, tier: 'memory', degraded: true });
  expect(await cache.getMany(['changed', 'deleted', 'counted', 'loaded'])).toEqual(
    new Map<string, unknown>([
      ['changed', 2],
      ['counted', 15],
      ['loaded', 'fresh'],
    ]),
  );
  await switched.up();
  const seen = await Promise.all(['kept', 'changed', 'deleted', 'counted', 'loaded'].map(stored));
  expect(seen).toEqual([1, 2, undefined, 15, 'fresh']);
  expect(await redis.pttl('touched')).toBeGreaterThan(7_000_000);
  expect(switched.state.journal.bytes).toBe(0);
});

test('what was deleted when the journal was full does not come back by a touch before the next such deletion', async () => {
  const switched = await start({ port: redis.server.port, journal: { maxEntries: 3 } });
  const { cache } = switched;
  await cache.set('deleted', 1);
  switched.down();
  await cache.delete('deleted');
  await cache.delete('other');
  await cache.set('kept', 1);
  await cache.delete('first without room');
  await cache.touch('deleted', '2h');
  await cache.delete('with room');
  await cache.delete('second without room');
  expect(switched.state.journal.collapsed).toBe(2);
  await switched.up();
  expect(await Promise.all(['deleted', 'kept'].map(stored))).toEqual([undefined, 1]);
});

test('a touch or an increment does not show what a dead process had set before it was deleted', async () => {
  const switched = await start({ port: redis.server.port });
  const { cache, state } = switched;
  const dead = new Stamper(state.time);
  const left = [dead.set('touched', written('1'), 3_600_000), dead.set('counted', written('1'), 3_600_000)];
  await cache.setMany([
    ['touched', 2],
    ['counted', 2],
  ]);
  await cache.deleteMany(['touched', 'counted']);
  switched.down();
  for (const write of left) state.journal.recover(write);
  await cache.touch('touched', '2h');
  expect(await cache.increment('counted', 5)).toBe(5);
  expect(await cache.getMany(['touched', 'counted'])).toEqual(new Map([['counted', 5]]));
  await switched.up();
  expect(await Promise.all(['touched', 'counted'].map(stored))).toEqual([undefined, 5]);
});

test('a touch of what was deleted without room in the journal does not bring back what another process had set', async () => {
  const switched = await start({ port: redis.server.port, journal: { maxEntries: 3 } });
  const { cache, state } = switched;
  switched.down();
  for (const key of ['one', 'two', 'three', 'first without room']) await cache.delete(key);
  const other = new Stamper(state.time).set('deleted', written('1'), 3_600_000);
  await redis.call('SET', 'understudy:deleted', other.stored);
  await cache.set('kept', 1);
  await cache.delete('with room');
  await cache.delete('deleted');
  expect(state.journal.collapsed).toBe(2);
  expect(await cache.touch('deleted', '2h')).toBe(false);
  for (const key of ['more', 'and more', 'last without room']) await cache.delete(key);
  await switched.up();
  expect(await Promise.all(['deleted', 'kept'].map(stored))).toEqual([undefined, 1]);
});

test('what a process read late is not answered in place of what it has written since, whatever the versions', async () => {
  const switched = await start({ port: redis.server.port });
  const { cache, state } = switched;
  const other = new Stamper(state.time).set('a', written('"theirs"'), 3_600_000);
  // The clock of the other is ahead: what it wrote before bears the later version.
  const ahead = `${(Number.parseInt(other.version.slice(0, 12), 16) + 50).toString(16).padStart(12, '0')}-0000-ffffffff`;
  await redis.call(
    'SET',
    'understudy:a',
    encodeStored(ahead, state.time.now(), state.time.now() + 3_600_000, '"theirs"'),
  );
  const reading = cache.get('a');
  await settled();
  expect(await cache.set('a', 'ours')).toMatchObject({ tier: 'redis', durable: true });
  expect(await reading).toBe('theirs');
  switched.down();
  expect(await cache.get('a')).toBe('ours');
});

test('a load that was overtaken by what has been read since is not said to be stored', async () => {
  const switched = await start({ port: redis.server.port });
  const { cache, state, tree } = switched;
  switched.down();
  const acquire: CacheMessage = { type: 'cache.acquire', key: 'a' };
  const leased = await tree.ref('cache').ask<Leased>(acquire);
  const other = new Stamper(state.time).set('a', written('"theirs"'), 3_600_000);
  await redis.call('SET', 'understudy:a', other.stored);
  await switched.up();
  expect(await cache.get('a')).toBe('theirs');
  switched.down();
  const message: CacheMessage = { type: 'cache.fulfil', key: 'a', lease: leased.lease, value: 'loaded' };
  expect(await tree.ref('cache').ask(message)).toMatchObject({ stored: false });
  expect(await cache.get('a')).toBe('theirs');
});

test('a clear during the outage clears Redis afterwards, and what was set after it stays', async () => {
  const switched = await start({ port: redis.server.port });
  const { cache } = switched;
  await cache.setMany([
    ['user:1', 'old'],
    ['user:2', 'old'],
    ['other', 'kept'],
  ]);
  switched.down();
  await cache.set('user:1', 'during');
  await cache.clear('user:');
  await cache.set('user:2', 'after');
  expect([await cache.has('user:1'), await cache.get('user:2')]).toEqual([false, 'after']);
  await switched.up();
  expect(await Promise.all(['user:1', 'user:2', 'other'].map(stored))).toEqual([undefined, 'after', 'kept']);
});

test('what another instance wrote later is not overwritten by the replay', async () => {
  const [one, other] = await Promise.all([
    start({ port: redis.server.port }),
    start({ port: redis.server.port }),
  ]);
  await one.cache.set('a', 'before');
  one.down();
  await one.cache.set('a', 'late');
  await one.cache.delete('b');
  await other.clock.advance(60_000);
  await other.cache.setMany([
    ['a', 'newer'],
    ['b', 'newer'],
  ]);
  await one.up();
  expect([await stored('a'), await stored('b'), await one.cache.get('a')]).toEqual([
    'newer',
    'newer',
    'newer',
  ]);
  expect(one.state.journal.superseded).toBe(2);
});

test('what memory had no room for is still known, as long as the journal has it', async () => {
  const switched = await start({ port: redis.server.port, maxEntries: 10 });
  const { cache } = switched;
  switched.down();
  const entries = Array.from({ length: 50 }, (_, at) => [`key ${at}`, at] as const);
  await cache.setMany(entries);
  expect(await cache.getMany(entries.map(([key]) => key))).toEqual(new Map(entries));
  expect(new Set(await cache.keys('key'))).toEqual(new Set(entries.map(([key]) => key)));
  await switched.up();
  expect(await Promise.all(entries.map(([key]) => stored(key)))).toEqual(entries.map(([, value]) => value));
});

test('an increment or a touch of what memory had no room for goes on from what the journal has', async () => {
  const switched = await start({ port: redis.server.port, maxEntries: 10 });
  const { cache } = switched;
  switched.down();
  await cache.set('counted', 100);
  await cache.set('touched', 'value', { ttl: '1m' });
  await cache.setMany(Array.from({ length: 20 }, (_, at) => [`filler ${at}`, at]));
  expect(await cache.touch('touched', '2h')).toBe(true);
  expect(await cache.increment('counted', 5)).toBe(105);
  expect(await cache.get('counted')).toBe(105);
  await switched.up();
  expect([await stored('counted'), await stored('touched')]).toEqual([105, 'value']);
});

test('an increment during the outage keeps the time to live that a set during it gave', async () => {
  const switched = await start({ port: redis.server.port });
  switched.down();
  await switched.cache.set('n', 1, { ttl: '1m' });
  await switched.cache.increment('n');
  await switched.up();
  expect(await stored('n')).toBe(2);
  expect(await redis.pttl('n')).toBeLessThanOrEqual(60_000);
});

test('what has expired during the outage is not brought to life by a touch', async () => {
  const switched = await start({ port: redis.server.port });
  switched.down();
  await switched.cache.set('a', 1, { ttl: '1s' });
  await switched.clock.advance(2_000);
  expect(await switched.cache.touch('a', '1h')).toBe(false);
  expect(await switched.cache.get('a')).toBeUndefined();
  await switched.up();
  expect(await stored('a')).toBeUndefined();
});

test('a journal that ran over loses neither a deletion nor a value that it had accepted', async () => {
  const switched = await start({ port: redis.server.port, journal: { maxEntries: 10 } });
  const { cache } = switched;
  const doomed = Array.from({ length: 30 }, (_, at) => `doomed ${at}`);
  await cache.setMany([...doomed, 'changed'].map((key) => [key, 'before']));
  switched.down();
  expect(await cache.set('changed', 'accepted')).toMatchObject({ durable: false });
  expect(await cache.set('new', 'accepted')).toMatchObject({ durable: false });
  for (const key of doomed) await cache.delete(key);
  expect(await cache.getMany([...doomed, 'changed', 'new'])).toEqual(
    new Map([
      ['changed', 'accepted'],
      ['new', 'accepted'],
    ]),
  );
  await switched.up();
  expect([await stored('changed'), await stored('new')]).toEqual(['accepted', 'accepted']);
  expect(await Promise.all(doomed.map(stored))).toEqual(doomed.map(() => undefined));
});

test('a value that finds no room in the journal is refused, and not answered afterwards', async () => {
  const switched = await start({ port: redis.server.port, journal: { maxEntries: 2 } });
  const { cache } = switched;
  switched.down();
  await cache.set('a', 1);
  await cache.set('b', 1);
  await expect(cache.set('c', 1)).rejects.toMatchObject({ code: 'JOURNAL_FULL', retryable: true });
  expect(await cache.has('c')).toBe(false);
  expect(await cache.set('a', 2)).toMatchObject({ durable: false });
  await switched.up();
  expect([await stored('a'), await stored('c')]).toEqual([2, undefined]);
});

test('increments of one outage are added once, on top of what others added meanwhile', async () => {
  const switched = await start({ port: redis.server.port });
  const other = await start({ port: redis.server.port });
  await switched.cache.increment('n', 1);
  switched.down();
  await Promise.all([1, 2, 3].map(() => switched.cache.increment('n', 10)));
  await other.cache.increment('n', 100);
  await switched.up();
  expect([await stored('n'), await switched.cache.get('n')]).toEqual([131, 131]);
});
