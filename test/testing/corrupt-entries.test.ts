import { expect, test } from 'vitest';
import type { Corruption } from '../../src/testing/index.ts';
import { startKit } from './kits.ts';

const WAYS: readonly Corruption[] = ['garbage', 'truncated', 'list'];

test.each(WAYS)('%s: a miss, never an exception, and set puts it right', async (how) => {
  const kit = await startKit();
  await kit.cache.set('k', { a: 1 });
  kit.redis.corrupt('k', how);
  expect(kit.redis.value('k')).toBeUndefined();
  expect(await kit.cache.find('k')).toMatchObject({ found: false, degraded: false });
  await expect(kit.cache.increment('k')).rejects.toMatchObject({ code: 'NOT_A_NUMBER' });
  expect(await kit.cache.getOrSet('k', () => 'loaded')).toBe('loaded');
  await kit.cache.set('k', 2);
  expect([await kit.cache.get('k'), kit.redis.value('k')]).toEqual([2, 2]);
});

test('what another program wrote is read, and nothing can be spoiled where nothing is', async () => {
  const kit = await startKit();
  kit.redis.put('theirs', '{"plain":true}');
  expect(await kit.cache.get('theirs')).toEqual({ plain: true });
  expect(kit.redis.timeLeft('theirs')).toBeUndefined();
  expect(() => kit.redis.corrupt('nothing')).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }));
});

test('a key that memory has pushed out is a miss while Redis is out', async () => {
  const kit = await startKit();
  await kit.cache.set('evicted', 1);
  await kit.cache.set('kept', 1);
  kit.memory.evict('evicted');
  expect([kit.memory.size, kit.memory.value('evicted')]).toEqual([1, undefined]);
  kit.redis.fail();
  expect(await kit.cache.getMany(['evicted', 'kept'])).toEqual(new Map([['kept', 1]]));
});

test('changes that wait for replicas are durable when so many have them', async () => {
  const kit = await startKit();
  expect(await kit.cache.set('k', 1, { wait: 1 })).toMatchObject({ durable: false });
  kit.redis.replicas = 1;
  expect(await kit.cache.set('k', 2, { wait: 1 })).toMatchObject({ durable: true });
});
