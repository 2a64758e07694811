import { expect, test } from 'vitest';
import { z } from 'zod';
import { createTestUnderstudy } from '../../src/testing/index.ts';

const User = z.object({ name: z.string(), roles: z.array(z.string()).default([]) });

async function start() {
  return createTestUnderstudy({ namespaces: { users: { ttl: '5m', schema: User }, pages: { grace: '1m' } } });
}

test('a value that fits is stored, and read as the schema has it', async () => {
  await using system = await start();
  const users = system.cache.namespace('users');
  await system.until(users.set('1', { name: 'Ada' }));
  expect(await system.until(users.get('1'))).toEqual({ name: 'Ada', roles: [] });
  expect(await system.until(system.cache.get('users:1'))).toEqual({ name: 'Ada', roles: [] });
});

test('a value that does not fit is refused, by where and not by what', async () => {
  await using system = await start();
  const refused = system.cache.set('users:1', { name: 'Ada', roles: ['root', 7] });
  await expect(system.until(refused)).rejects.toMatchObject({
    code: 'INVALID_VALUE',
    message: 'value: expected what fits the schema of users, got what does not at roles.1',
  });
  expect(await system.until(system.cache.has('users:1'))).toBe(false);
});

test('what was stored before and does not fit is a miss that is counted', async () => {
  await using system = await start();
  await using other = await system.peer();
  await system.until(other.cache.set('users:1', { nickname: 'Ada' }));
  expect(await system.until(system.cache.namespace('users').find('1'))).toMatchObject({ found: false });
  const loaded = system.cache.namespace('users').getOrSet('1', () => ({ name: 'Ada' }));
  expect(await system.until(loaded)).toEqual({ name: 'Ada', roles: [] });
  expect(await system.until(other.cache.get('users:1'))).toEqual({ name: 'Ada' });
});

test('who loads gets what others read', async () => {
  await using system = await start();
  const users = system.cache.namespace('users');
  const all = await system.until(
    users.getOrSetMany(['1', '2'], (keys) => keys.map((name) => [name, { name }])),
  );
  expect(all.get('2')).toEqual({ name: '2', roles: [] });
  await expect(system.until(system.cache.getOrSet('users:3', () => 'Ada'))).rejects.toMatchObject({
    code: 'INVALID_VALUE',
  });
});
