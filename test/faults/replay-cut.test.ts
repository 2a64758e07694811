import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createUnderstudy } from '../../src/system.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { startProxy } from '../servers/tcp-proxy.ts';
import { until } from '../servers/until.ts';
import { replayed } from './replayed.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const PREFIX = 'cut:';
const COUNT = 1_200;
const named = (kind: string) => Array.from({ length: COUNT }, (_, at) => `${kind} ${at}`);

test('a replay that is cut again and again goes on where it was, and makes nothing twice', async () => {
  await using proxy = await startProxy(redis.port);
  const understudy = await createUnderstudy({
    prefix: PREFIX,
    redis: { host: '127.0.0.1', port: proxy.port },
    breaker: { probe: { min: 10, max: 20 } },
  });
  onTestFinished(() => understudy.stop());
  const other = await createUnderstudy({ prefix: PREFIX, redis: { url: redis.url, commandTimeout: 5_000 } });
  onTestFinished(() => other.stop());
  const { cache } = understudy;
  const waiting = async () => (await understudy.ask({ type: 'cache.stats' })).journal.entries;
  const [gone, counted, kept] = [named('gone'), named('counted'), named('kept')];
  await other.cache.setMany([...gone, ...counted].map((key) => [key, 1] as const));

  await proxy.refuse();
  await Promise.all([
    ...kept.map((key, at) => cache.set(key, at)),
    ...counted.flatMap((key) => [cache.increment(key, 2), cache.touch(key, '2h'), cache.increment(key, 3)]),
    ...gone.map((key) => cache.delete(key)),
    cache.set('short', 'over soon', { ttl: 1 }),
  ]);
  const before = await waiting();
  expect(before).toBeGreaterThan(3 * COUNT);
  const seen: number[] = [];
  for (let cut = 1; cut <= 8; cut++) {
    await proxy.heal();
    const next = before - cut * 380;
    seen.push(
      await until(
        'some more has been brought',
        async () => {
          const left = await waiting();
          // Others count meanwhile, on what was brought and on what was not.
          await other.cache.increment(counted[cut] ?? '', 100);
          return left <= next ? left + 1 : false;
        },
        { timeoutMs: 8_000 },
      ),
    );
    if (cut % 2 === 0) proxy.closeMidReply(cut);
    else await redis.freeze();
    if (cut % 2 === 1) {
      await until('the freeze is noticed', async () => (await stateOf()) !== 'closed', { timeoutMs: 5_000 });
      await redis.thaw();
    }
  }
  async function stateOf(): Promise<string> {
    await cache.get('anything');
    return (await understudy.ask({ type: 'circuit-breaker.status' })).state;
  }
  await proxy.heal();
  await replayed(understudy);
  // Nothing that had been brought came back into the journal.
  expect(seen).toEqual(seen.toSorted((a, b) => b - a));

  const values = async (keys: readonly string[]): Promise<unknown[]> => {
    const texts = await redis.call('MGET', ...keys.map((key) => `${PREFIX}${key}`));
    return Array.isArray(texts) ? texts.map((text) => text && JSON.parse(String(text)).value) : [];
  };
  expect(await values(kept)).toEqual(kept.map((_, at) => at));
  expect(await values(gone)).toEqual(gone.map(() => null));
  const sums = await values(counted);
  expect(sums.slice(10)).toEqual(counted.slice(10).map(() => 6));
  for (const sum of sums.slice(1, 9)) expect(Number(sum) % 100).toBe(6);
  expect(await values(['short'])).toEqual([null]);
  expect(Number(await redis.call('PTTL', `${PREFIX}counted 100`))).toBeGreaterThan(7_000_000);
});
