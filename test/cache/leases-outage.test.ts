import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Leased, Understudy } from '../../src/index.ts';
import { startProxy, type TcpProxy } from '../servers/tcp-proxy.ts';
import { SuiteRedis, understudies } from './systems.ts';

const redis = new SuiteRedis();
const start = understudies();

/** One system whose way to Redis can be cut, and one that is always there. */
let proxy: TcpProxy;
let cut: Understudy;
let there: Understudy;
beforeEach(async () => {
  proxy = await startProxy(redis.server.port);
  onTestFinished(() => proxy.stop());
  const { redis: options, ...rest } = redis.options;
  const { commandTimeout } = options;
  cut = await start({ ...rest, redis: { host: '127.0.0.1', port: proxy.port, commandTimeout } });
  there = await start(redis.options);
});

async function lost(): Promise<void> {
  await proxy.refuse();
  const open = async () => {
    // Only what is asked finds out.
    await cut.cache.get('anything');
    return (await cut.health()).circuit_breaker_open;
  };
  await expect.poll(open, { timeout: 10_000 }).toBe(true);
}

async function healed(): Promise<void> {
  await proxy.heal();
  await expect.poll(async () => (await cut.health()).redis.state, { timeout: 10_000 }).toBe('closed');
  await expect.poll(async () => (await cut.health()).cache?.journal.entries, { timeout: 10_000 }).toBe(0);
}

async function leaseOf(understudy: Understudy): Promise<Leased> {
  const answer = await understudy.ask({ type: 'cache.acquire', key: 'k' });
  if (answer.found || !('lease' in answer)) throw new Error('expected a lease');
  return answer;
}

const fulfil = (lease: string) => cut.ask({ type: 'cache.fulfil', key: 'k', lease, value: 'loaded' });

test('what is loaded while Redis is out reaches it afterwards', async () => {
  const { lease } = await leaseOf(cut);
  await lost();
  expect(await fulfil(lease)).toMatchObject({ stored: true, durable: false, degraded: true });
  expect(await cut.cache.get('k')).toBe('loaded');
  await healed();
  expect(await there.cache.get('k')).toBe('loaded');
});

test.each([
  ['deleted', () => there.cache.delete('k'), undefined],
  ['written', () => there.cache.set('k', 'newer'), 'newer'],
])('but not where the key was %s elsewhere since the load began', async (_how, change, left) => {
  const { lease } = await leaseOf(cut);
  await lost();
  await change();
  await fulfil(lease);
  await healed();
  expect([await there.cache.get('k'), await cut.cache.get('k')]).toEqual([left, left]);
});

test('a lease of this process alone is fulfilled in Redis when that is back, if there is nothing newer', async () => {
  await lost();
  const { lease, degraded } = await leaseOf(cut);
  expect(degraded).toBe(true);
  await healed();
  expect(await fulfil(lease)).toMatchObject({ stored: true, durable: true, tier: 'redis' });
  expect(await there.cache.get('k')).toBe('loaded');
});

test('and refused if there is', async () => {
  await lost();
  const { lease } = await leaseOf(cut);
  // Later by more than the clocks of two processes may differ.
  await redis.call('BLPOP', 'nothing', '0.1');
  await there.cache.set('k', 'newer');
  await healed();
  expect(await fulfil(lease)).toMatchObject({ stored: false });
  expect([await there.cache.get('k'), await cut.cache.get('k')]).toEqual(['newer', 'newer']);
});

test('who waits for a lease of another process loads on its own when Redis goes', async () => {
  await leaseOf(there);
  const asked = cut.cache.getOrSet('k', () => 'alone');
  await redis.resetCalls();
  await expect.poll(async () => (await redis.calls()).evalsha, { timeout: 5_000 }).toBeGreaterThan(1);
  await lost();
  expect(await asked).toBe('alone');
});
