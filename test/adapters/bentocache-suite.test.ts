import { registerCacheDriverTestSuite } from 'bentocache/test_suite';
import { afterAll, describe, expect, test } from 'vitest';
import { understudyDriver } from '../../src/adapters/bentocache.ts';
import { createUnderstudy, type OptionsInput } from '../../src/index.ts';
import { startRedis } from '../servers/redis-server.ts';
import { type Outcome, runOnJapa } from './japa.ts';

/** The suite, run once on an Understudy; a driver of its own where it asks for one. */
async function outcomesOn(on: string, options: OptionsInput): Promise<[string, Outcome[]]> {
  const understudy = await createUnderstudy(options);
  const outcomes = await runOnJapa(on, (registrar) =>
    registerCacheDriverTestSuite({
      ...registrar,
      createDriver: (config) => understudyDriver({ understudy }).factory({ ...config }),
    }),
  );
  await understudy.stop();
  return [on, outcomes];
}

// Its tests are known by name once they have run, so they do before those below are named after them.
const redis = await startRedis();
afterAll(() => redis.stop());
const runs = await Promise.all([
  outcomesOn('memory alone', {}),
  outcomesOn('Redis', { redis: { url: redis.url, commandTimeout: 5_000 }, deadline: 10_000 }),
]);

describe.each(runs)('the test suite of BentoCache for drivers, on %s', (_, outcomes) => {
  test.each(outcomes)('$title', ({ errors }) => {
    expect(errors).toEqual([]);
  });

  test('was run whole', () => {
    expect(outcomes).toHaveLength(21);
  });
});
