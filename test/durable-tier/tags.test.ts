import { expect, test } from 'vitest';
import { SuiteRedis, understudies } from '../cache/systems.ts';
import { archived, SuitePostgres } from './suite.ts';

const redis = new SuiteRedis();
const postgres = new SuitePostgres();
const start = understudies();

const namespaces = { user: {} };
const withRedis = () => ({ ...postgres.options(redis.options), namespaces });

test('what bears a tag, or belongs to a namespace, comes back from the durable tier with what says that it is good', async () => {
  const understudy = await start(withRedis());
  await understudy.cache.set('a', 1, { tags: ['t'] });
  await understudy.cache.set('user:1', 1);
  await archived(understudy);
  for (const how of ['the same instance', 'another'] as const) {
    const asked = how === 'another' ? await start(withRedis()) : understudy;
    await redis.call('FLUSHALL');
    expect(await asked.cache.find('a'), how).toMatchObject({ value: 1, tier: 'postgres' });
    expect(await asked.cache.find('user:1'), how).toMatchObject({ value: 1, tier: 'postgres' });
    expect(await asked.cache.find('a'), how).toMatchObject({ value: 1, tier: 'redis' });
  }
});

test('what was invalidated by its tag, or with its namespace, does not come back', async () => {
  const understudy = await start(withRedis());
  await understudy.cache.set('a', 1, { tags: ['t', 'u'] });
  await understudy.cache.set('b', 1, { tags: ['u'] });
  await understudy.cache.set('user:1', 1);
  await archived(understudy);
  await understudy.cache.invalidateTags(['t']);
  await understudy.cache.clear('user:');
  await redis.call('FLUSHALL');
  const other = await start(withRedis());
  expect(await other.cache.getMany(['a', 'b', 'user:1'])).toEqual(new Map([['b', 1]]));
  expect(await understudy.cache.getMany(['a', 'b', 'user:1'])).toEqual(new Map([['b', 1]]));
});

test('with Redis out the durable tier tells what is invalidated, too', async () => {
  const first = await start(withRedis());
  await first.cache.set('a', 1, { tags: ['t'] });
  await first.cache.set('b', 1, { tags: ['u'] });
  await archived(first);
  await first.cache.invalidateTags(['t']);
  const second = await start({
    ...postgres.options({ redis: { url: 'redis://127.0.0.1:1' } }),
    namespaces,
  });
  expect(await second.cache.getMany(['a', 'b'])).toEqual(new Map([['b', 1]]));
  // A clear of all is about values: what was invalidated stays so, and what comes after it is good.
  await second.cache.clear();
  await second.cache.set('c', 1, { tags: ['t'] });
  await archived(second);
  const third = await start(postgres.options());
  expect(await third.cache.getMany(['a', 'b', 'c'])).toEqual(new Map([['c', 1]]));
});
