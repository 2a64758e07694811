import { expect, onTestFinished } from 'vitest';
import type { OptionsInput } from '../../src/config/schema.ts';
import { createUnderstudy } from '../../src/system.ts';

// What is served is asked here, and not how fast: a starved machine must not look like a Redis that is out.
const PATIENT = { deadline: 10_000 };
const TIMEOUTS = { commandTimeout: 4_000, connectTimeout: 10_000 };

/** Everything the cache can do, against Redis as these options reach it. Returns the system. */
export async function expectToServe(options: OptionsInput) {
  const redis = { ...TIMEOUTS, ...options.redis };
  const understudy = await createUnderstudy({ ...PATIENT, ...options, redis });
  onTestFinished(() => understudy.stop());
  const { cache } = understudy;
  expect(await understudy.health()).toMatchObject({ status: 'healthy', connected: true });

  const keys = Array.from({ length: 200 }, (_, at) => `many:${at}`);
  expect(await cache.setMany(keys.map((key, at) => [key, at] as const))).toMatchObject({ durable: true });
  expect(await cache.find('many:7')).toMatchObject({ value: 7, tier: 'redis', degraded: false });
  expect([...(await cache.getMany([...keys, 'missing'])).values()]).toEqual(keys.map((_, at) => at));
  expect(await cache.has('missing')).toBe(false);
  expect(await cache.touch('many:7', '5m')).toBe(true);
  expect(await cache.increment('count', 3)).toBe(3);
  expect(await cache.getOrSet('loaded', () => 'loaded')).toBe('loaded');
  expect(await cache.delete('many:0')).toBe(true);
  expect(await cache.deleteMany(['many:1', 'many:2', 'missing'])).toBe(2);
  expect((await cache.keys('many:')).toSorted()).toEqual(keys.slice(3).toSorted());
  expect(await cache.clear('many:')).toBe(197);
  expect((await cache.keys()).toSorted()).toEqual(['count', 'loaded']);
  expect(await understudy.ask({ type: 'circuit-breaker.status' })).toMatchObject({
    state: 'closed',
    trips: 0,
  });
  return understudy;
}
