import { expect, test } from 'vitest';
import { switchedCaches } from '../cache/switched-cache.ts';
import { SuiteRedis } from '../cache/systems.ts';

const redis = new SuiteRedis();
const start = switchedCaches();
const namespaces = { users: {} };

/** Two processes of which one has a clock that is ahead by a second, and neither has heard of the other. */
async function apart() {
  const { port } = redis.server;
  const behind = await start({ port, namespaces });
  const ahead = await start({ port, namespaces });
  await ahead.clock.advance(1_000);
  return { behind, ahead };
}

test('what is stored after an invalidation is good, though the clock of its process is behind', async () => {
  const { behind, ahead } = await apart();
  await ahead.cache.invalidateTags('red');
  await ahead.cache.clear('users:');
  await behind.cache.set('a', 1, { tags: ['red'] });
  await behind.cache.setMany([['users:1', 1]]);
  expect(await behind.cache.increment('users:n', 2)).toBe(2);
  await behind.up();
  for (const { cache } of [behind, ahead])
    expect(await cache.getMany(['a', 'users:1', 'users:n'])).toEqual(
      new Map([
        ['a', 1],
        ['users:1', 1],
        ['users:n', 2],
      ]),
    );
});

test('what others have stored meanwhile stays', async () => {
  const { behind, ahead } = await apart();
  await ahead.cache.invalidateTags('red');
  const early = behind.cache.set('a', 'early', { tags: ['red'] });
  await early;
  await ahead.cache.set('a', 'late', { tags: ['red'] });
  await behind.up();
  expect(await ahead.cache.get('a')).toBe('late');
});

test('a counter goes on from what a process with a later clock has begun', async () => {
  const { behind, ahead } = await apart();
  await ahead.cache.clear('users:');
  await ahead.cache.increment('users:n', 5);
  expect(await behind.cache.increment('users:n', 1)).toBe(6);
  expect(await ahead.cache.get('users:n')).toBe(6);
});
