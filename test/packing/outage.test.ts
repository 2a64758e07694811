import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../src/cli/free-port.ts';
import { SuiteRedis, understudies } from '../cache/systems.ts';
import { type PostgresServer, startPostgres } from '../servers/postgres-server.ts';
import { startKit } from '../testing/kits.ts';
import { large, packed } from './packed-systems.ts';

const redis = new SuiteRedis();
const start = understudies();
let postgres: PostgresServer;

vi.setConfig({ testTimeout: 60_000 });
beforeAll(async () => {
  postgres = await startPostgres({ own: true });
}, 60_000);
afterAll(() => postgres?.stop());

const rich = { at: new Date(0), ids: new Set([1n]) };

test('what is set while Redis is out is answered, and is brought to Redis as it was packed', async () => {
  const kit = await startKit(packed);
  const { cache } = kit;
  await cache.set('before', rich);
  kit.redis.fail('ECONNREFUSED');
  await cache.set('small', rich);
  await cache.set('large', large('x'));
  await cache.set('large', large('y'));
  expect(await cache.getOrSet('loaded', () => large('z'))).toEqual(large('z'));
  await cache.touch('before', '2h');
  expect(await cache.find('before')).toMatchObject({ found: true, value: rich, degraded: true });
  expect(await cache.find('large')).toMatchObject({ found: true, value: large('y'), degraded: true });
  await kit.events.next('breaker.changed', { state: 'open' });
  expect(kit.redis.keys()).toEqual(['before']);
  kit.redis.restore();
  await kit.events.next('journal.replayed', { remaining: 0 });
  for (const [key, value] of Object.entries({
    before: rich,
    small: rich,
    large: large('y'),
    loaded: large('z'),
  })) {
    expect(kit.redis.value(key)).toEqual(value);
    expect(kit.redis.stored(key)).toContain('+encrypted"');
  }
  expect(kit.redis.timeLeft('before')).toBeGreaterThan(7_000_000);
  kit.memory.clear();
  expect(await cache.get('large')).toEqual(large('y'));
});

describe('on a journal that outlives the process', () => {
  test('what one left behind is brought to Redis by the next, and the store never saw it', async () => {
    const nowhere = `redis://127.0.0.1:${await freePort()}`;
    const durable = { url: postgres.url };
    const one = await start({ ...packed, redis: { url: nowhere }, durable, deadline: 10_000 });
    expect(await one.cache.set('small', rich)).toMatchObject({ durable: true });
    expect(await one.cache.set('large', large('canary'))).toMatchObject({ durable: true });
    await one.stop();
    const rows = await postgres.query('select body from understudy.journal');
    expect(rows).toHaveLength(2);
    expect(JSON.stringify(rows)).not.toContain('canary');
    const other = await start({ ...packed, ...redis.options, durable });
    expect(await other.cache.get('small')).toEqual(rich);
    expect(await other.cache.get('large')).toEqual(large('canary'));
    await expect.poll(() => redis.call('EXISTS', 'understudy:small', 'understudy:large')).toBe(2);
  });
});

test('two processes on near reads see what the other packs', async () => {
  const options = { ...redis.options, ...packed, near: true };
  const [one, other] = await Promise.all([start(options), start(options)]);
  for (const mark of ['x', 'y']) {
    await one.cache.set('a', large(mark));
    await expect.poll(() => other.cache.get('a')).toEqual(large(mark));
    expect(await one.cache.get('a')).toEqual(large(mark));
  }
});
