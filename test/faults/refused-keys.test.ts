import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Understudy } from '../../src/system/understudy.ts';
import { createUnderstudy } from '../../src/system.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { startProxy } from '../servers/tcp-proxy.ts';
import { until } from '../servers/until.ts';

let redis: RedisServer;
let run = 0;
beforeAll(async () => {
  redis = await startRedis();
  await redis.call(
    'ACL',
    'SETUSER',
    'app',
    'on',
    '>secret',
    '+@all',
    '~*:open*',
    '~*:~*open*',
    '~*:~probe*',
    '~*:~receipt*',
    '~*:~clearings',
  );
});
afterAll(() => redis.stop());

async function start(port = redis.port, commandTimeout?: number): Promise<Understudy> {
  const login = { host: '127.0.0.1', port, username: 'app', password: 'secret' };
  const understudy = await createUnderstudy({
    prefix: `${run}:`,
    redis: commandTimeout === undefined ? login : { ...login, commandTimeout },
  });
  onTestFinished(() => understudy.stop());
  return understudy;
}

const held = async (key: string): Promise<unknown> => {
  const stored = await redis.call('GET', `${run}:${key}`);
  return typeof stored === 'string' ? JSON.parse(stored).value : undefined;
};
const journalOf = async (understudy: Understudy) => (await understudy.ask({ type: 'cache.stats' })).journal;

test('a key that Redis refuses holds up none of those behind it, is seen, and is brought when it may be', async () => {
  run++;
  // What a busy machine leaves waiting is not what this is about.
  const understudy = await start(redis.port, 4_000);
  const { cache } = understudy;
  const keys = Array.from({ length: 300 }, (_, at) => `open ${at}`);
  const refused = ['shut 1', 'shut 2', 'shut 3'];
  await cache.set('open 7', 'before');
  const writes = keys.map((key, at) => (at === 7 ? cache.delete(key) : cache.set(key, at)));
  // In the same turn: the script that all of them share is refused.
  const shut = [cache.set('shut 1', 1), cache.delete('shut 2'), cache.increment('shut 3', 5)];
  await Promise.all([...writes, ...shut]);
  await until('only what is refused waits', async () => (await journalOf(understudy)).entries === 3, {
    timeoutMs: 10_000,
  });
  await until('it is set aside', async () => (await journalOf(understudy)).aside === 3, { timeoutMs: 5_000 });
  expect(await Promise.all(keys.map(held))).toEqual(keys.map((_, at) => (at === 7 ? undefined : at)));
  expect(await Promise.all(refused.map((key) => cache.get(key)))).toEqual([1, undefined, 5]);
  expect(await understudy.ask({ type: 'circuit-breaker.status' })).toMatchObject({
    state: 'closed',
    trips: 0,
  });
  // Others go on as if nothing were.
  expect(await cache.set('open 1', 'later')).toMatchObject({ durable: true });
  await redis.call('ACL', 'SETUSER', 'app', '~*');
  await until('it has been brought', async () => (await journalOf(understudy)).entries === 0, {
    timeoutMs: 15_000,
  });
  expect(await Promise.all(refused.map(held))).toEqual([1, undefined, 5]);
  expect((await journalOf(understudy)).aside).toBe(0);
  await redis.call(
    'ACL',
    'SETUSER',
    'app',
    'resetkeys',
    '~*:open*',
    '~*:~*open*',
    '~*:~probe*',
    '~*:~receipt*',
    '~*:~clearings',
  );
});

test('a clear of keys that may be seen and not deleted goes ahead with the others', async () => {
  run++;
  await using proxy = await startProxy(redis.port);
  const understudy = await start(proxy.port);
  for (const name of ['open 1', 'open 2', 'shut 1']) await redis.call('SET', `${run}:${name}`, '1');
  await proxy.refuse();
  await understudy.cache.clear();
  await understudy.cache.set('open 3', 3);
  await proxy.heal();
  await until(
    'the rest has been brought',
    async () => {
      const { entries, aside } = await journalOf(understudy);
      return entries === 1 && aside === 1;
    },
    { timeoutMs: 10_000 },
  );
  const names = await redis.call('KEYS', `${run}:[os]*`);
  expect(Array.isArray(names) && names.toSorted()).toEqual([`${run}:open 3`, `${run}:shut 1`]);
  expect(await understudy.cache.get('shut 1')).toBeUndefined();
});
