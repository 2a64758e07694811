import { expect, onTestFinished, test, vi } from 'vitest';
import { startProxy } from '../servers/tcp-proxy.ts';
import { SuiteRedis, understudies } from './systems.ts';

const redis = new SuiteRedis();
const start = understudies();

/** A system that hears of what Redis did only after a while. */
async function farAway() {
  const proxy = await startProxy(redis.server.port);
  onTestFinished(() => proxy.stop());
  const { redis: options, ...rest } = redis.options;
  const { commandTimeout } = options;
  const { cache } = await start({ ...rest, redis: { host: '127.0.0.1', port: proxy.port, commandTimeout } });
  proxy.latency(300);
  return cache;
}

test.each([
  ['a write', 'set', 'written'],
  ['a deletion', 'delete', 'loaded'],
] as const)('%s on the heels of a lease that was asked for voids it', async (_what, change, left) => {
  const cache = await farAway();
  const load = vi.fn(async () => 'loaded');
  const asked = cache.getOrSet('k', load);
  await expect
    .poll(() => redis.call('EXISTS', 'understudy:~lease:{understudy:k}'), { timeout: 5_000, interval: 5 })
    .toBe(1);
  const changed = change === 'set' ? cache.set('k', 'written') : cache.delete('k');
  const later = cache.getOrSet('k', load);
  expect(await Promise.all([asked, later])).toEqual([left, left]);
  await changed;
  expect(await cache.get('k')).toBe(left);
  if (change === 'set') expect(load).not.toHaveBeenCalled();
  else expect(load).toHaveBeenCalledOnce();
});
