import { expect, test } from 'vitest';
import { createUnderstudy } from '../../src/index.ts';
import { SuiteRedis, understudies } from '../cache/systems.ts';
import { archived, PATIENT, SuitePostgres } from './suite.ts';

const redis = new SuiteRedis();
const postgres = new SuitePostgres();
const start = understudies();

const withRedis = () => postgres.options(redis.options);
const keysInPostgres = async () => (await postgres.rows()).map(({ key }) => key);

test('a deletion is answered when the durable tier has it too: whoever comes next finds nothing', async () => {
  const first = await createUnderstudy(withRedis());
  await first.cache.setMany(['a', 'b', 'user:1', 'user:2', 'other'].map((key) => [key, 1]));
  await archived(first);
  await first.cache.delete('a');
  expect(await keysInPostgres()).not.toContain('a');
  await first.cache.deleteMany(['b']);
  expect(await keysInPostgres()).not.toContain('b');
  await first.cache.clear('user:');
  // Without a word of farewell: Redis forgets all that it knew of deletions.
  await redis.call('FLUSHALL');
  const second = await start(withRedis());
  expect(await second.cache.getMany(['a', 'b', 'user:1', 'user:2', 'other'])).toEqual(
    new Map([['other', 1]]),
  );
  await first.stop();
});

test.each(['killed', 'frozen'] as const)(
  'what is deleted while the durable tier is %s does not come back',
  async (how) => {
    const durable = { url: postgres.server.url, values: { timeout: 500 } };
    const options = { ...withRedis(), durable, deadline: 1_000 };
    const understudy = await start(options);
    await understudy.cache.setMany(['a', 'user:1', 'other'].map((key) => [key, 1]));
    await archived(understudy);
    await (how === 'killed' ? postgres.server.kill() : postgres.server.freeze());
    try {
      expect(await understudy.ask({ type: 'cache.delete', key: 'a' })).toMatchObject({
        tier: 'redis',
        degraded: false,
        durable: true,
        existed: true,
      });
      expect(await understudy.ask({ type: 'cache.clear', prefix: 'user:' })).toMatchObject({ cleared: 1 });
      await redis.call('FLUSHALL');
      // Of what waits for the durable tier this process knows.
      expect(await understudy.cache.getMany(['a', 'user:1'])).toEqual(new Map());
    } finally {
      await (how === 'killed' ? postgres.server.restart() : postgres.server.thaw());
    }
    await archived(understudy);
    await redis.call('FLUSHALL');
    expect(await understudy.cache.getMany(['a', 'user:1', 'other'])).toEqual(new Map([['other', 1]]));
  },
);

test('what another instance has deleted in Redis is not answered, though the durable tier has not heard of it', async () => {
  const understudy = await start(withRedis());
  // Its durable tier is another one.
  const other = await start({ ...redis.options, prefix: postgres.prefix });
  await understudy.cache.setMany(['deleted', 'replaced', 'user:1'].map((key) => [key, 'old']));
  await archived(understudy);
  await other.cache.delete('deleted');
  await other.cache.set('replaced', 'new');
  await other.cache.clear('user:');
  const find = (key: string) => understudy.cache.find(key);
  expect(await find('deleted')).toMatchObject({ found: false, tier: 'redis' });
  expect(await find('user:1')).toMatchObject({ found: false });
  expect(await find('replaced')).toMatchObject({ value: 'new', tier: 'redis' });
  expect(await redis.call('EXISTS', `${postgres.prefix}deleted`, `${postgres.prefix}user:1`)).toBe(0);
});

test('a clear is remembered: what comes to the durable tier late, and is older, is not read there', async () => {
  const understudy = await start(withRedis());
  await understudy.cache.set('user:1', 'old');
  await archived(understudy);
  const [row] = await postgres.rows();
  await understudy.cache.clear('user:');
  await postgres.server.query(
    `update understudy.value set stored = '${String(row?.stored)}', version = '${String(row?.version)}',
     expires = ${String(row?.expires)} where space = '${postgres.prefix}'`,
  );
  await redis.call('FLUSHALL');
  expect(await understudy.cache.get('user:1')).toBeUndefined();
  await understudy.cache.set('user:1', 'new');
  await archived(understudy);
  await redis.call('FLUSHALL');
  expect(await understudy.cache.get('user:1')).toBe('new');
});

test('deletions that found no room among those that wait give way to one clearing of all that is older', async () => {
  const durable = { url: postgres.server.url, values: { timeout: 500 } };
  const understudy = await start({ ...withRedis(), durable, journal: { maxEntries: 3 } });
  await understudy.cache.setMany(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => [key, 'old']));
  await archived(understudy);
  await postgres.server.kill();
  for (const key of ['a', 'b', 'c', 'd', 'e']) await understudy.cache.delete(key);
  await postgres.server.restart();
  await archived(understudy);
  const { archive } = await understudy.ask({ type: 'cache.stats' });
  expect(archive?.collapsed).toBeGreaterThan(0);
  await redis.call('FLUSHALL');
  expect(await understudy.cache.getMany(['a', 'b', 'c', 'd', 'e', 'f'])).toEqual(new Map());
  await understudy.cache.set('f', 'new');
  await expect.poll(keysInPostgres, PATIENT).toContain('f');
});
