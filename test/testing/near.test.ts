import { expect, onTestFinished, test } from 'vitest';
import { createTestUnderstudy, type FaultCode } from '../../src/testing/index.ts';

const NEAR = { near: { staleness: '1s' } } as const;
const HIT = { found: true, tier: 'memory', degraded: false };

async function pair() {
  const kit = await createTestUnderstudy(NEAR);
  onTestFinished(() => kit.stop());
  const peer = await kit.peer(NEAR);
  // The first heartbeats have come back.
  await kit.advance(0);
  await kit.cache.set('k', 1);
  await peer.cache.get('k');
  return { kit, peer };
}

test('what was read once is answered from memory, and a change of another process is seen at once', async () => {
  const { kit, peer } = await pair();
  expect(await peer.cache.find('k')).toMatchObject({ ...HIT, value: 1 });
  await kit.cache.set('k', 2);
  expect(await peer.cache.find('k')).toMatchObject({ value: 2, tier: 'redis' });
  await kit.cache.delete('k');
  expect(await peer.cache.find('k')).toMatchObject({ found: false });
  expect(await peer.understudy.health()).toMatchObject({ near: { mode: 'tracking', trusted: true } });
});

test('its own writes are trusted', async () => {
  const { kit } = await pair();
  await kit.cache.set('own', 1);
  expect(await kit.cache.find('own')).toMatchObject({ ...HIT, value: 1 });
});

test('what another program writes, spoils or flushes is not answered any more', async () => {
  const { kit, peer } = await pair();
  kit.redis.put('k', '"theirs"');
  expect(await peer.cache.find('k')).toMatchObject({ value: 'theirs', tier: 'redis' });
  kit.redis.corrupt('k');
  expect(await peer.cache.find('k')).toMatchObject({ found: false });
  await kit.cache.set('k', 3);
  await peer.cache.get('k');
  expect(await peer.cache.find('k')).toMatchObject({ ...HIT, value: 3 });
  kit.redis.flush();
  expect(await peer.cache.find('k')).toMatchObject({ found: false });
});

test('slow news is late by no more than it takes', async () => {
  const { kit, peer } = await pair();
  kit.redis.slow(100);
  const changed = kit.cache.set('k', 2);
  await kit.advance(99);
  expect(await peer.cache.find('k')).toMatchObject({ ...HIT, value: 1 });
  await kit.advance(1);
  await changed;
  expect(await kit.until(peer.cache.find('k'))).toMatchObject({ value: 2, tier: 'redis' });
});

test('a Redis that says nothing is not trusted for longer than the staleness', async () => {
  const { kit, peer } = await pair();
  kit.redis.freeze();
  await kit.advance(700);
  expect(await peer.cache.find('k')).toMatchObject(HIT);
  await kit.advance(400);
  expect(await kit.until(peer.cache.find('k'))).toMatchObject({ value: 1, degraded: true });
});

test.each<FaultCode>(['ECONNREFUSED', 'LOADING'])(
  '%s: nothing of before is trusted afterwards',
  async (code) => {
    const { kit, peer } = await pair();
    kit.redis.fail(code);
    await kit.advance('2s');
    expect(await peer.cache.find('k')).toMatchObject({ value: 1, degraded: true });
    kit.redis.put('k', '2');
    kit.redis.restore();
    await kit.advance('2m');
    expect(await peer.cache.find('k')).toMatchObject({ value: 2, tier: 'redis' });
    expect(await peer.cache.find('k')).toMatchObject({ ...HIT, value: 2 });
  },
);

test('only the keys that are asked for are read near', async () => {
  const kit = await createTestUnderstudy({ near: { prefixes: ['user:'] } });
  onTestFinished(() => kit.stop());
  await kit.advance(0);
  for (const key of ['user:1', 'other']) {
    kit.redis.put(key, '1');
    await kit.cache.get(key);
  }
  expect(await kit.cache.find('user:1')).toMatchObject(HIT);
  expect(await kit.cache.find('other')).toMatchObject({ tier: 'redis' });
});
