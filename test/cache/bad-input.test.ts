import { beforeEach, describe, expect, test } from 'vitest';
import type { Understudy } from '../../src/index.ts';
import { badCalls, type Loose } from './bad-calls.ts';
import { SuiteRedis, understudies } from './systems.ts';

const redis = new SuiteRedis();
const start = understudies();

describe.each([
  ['memory only', () => ({})],
  ['with Redis', () => redis.options],
] as const)('%s', (_name, options) => {
  let understudy: Understudy;
  beforeEach(async () => {
    understudy = await start({ ...options(), maxValueLength: 65_536 });
    await understudy.cache.set('good', 1);
  });

  test('each bad call is refused at once, with a typed error, and changes nothing', async () => {
    const loose = understudy.cache as unknown as Loose;
    const before = await understudy.ask({ type: 'cache.stats' });
    await redis.resetCalls();
    const wrong: string[] = [];
    for (const [name, call, code] of badCalls()) {
      const outcome = await call(loose).then(
        () => 'accepted',
        (error: { code?: unknown }) => error.code ?? String(error),
      );
      if (outcome !== code) wrong.push(`${name}: expected ${code}, got ${outcome}`);
    }
    expect(wrong).toEqual([]);

    const after = await understudy.ask({ type: 'cache.stats' });
    expect(after).toEqual(before);
    const calls = await redis.calls();
    for (const command of ['mget', 'evalsha', 'eval', 'scan']) expect(calls).not.toHaveProperty(command);
    expect(await understudy.cache.get('good')).toBe(1);
    expect(await understudy.cache.keys()).toEqual(['good']);
    const report = await understudy.health();
    expect(report.actors.every(({ restarts }) => restarts === 0)).toBe(true);
  });

  test.each([
    ['an unknown actor', { type: 'nobody.home' }, 'UNKNOWN_MESSAGE'],
    ['an unknown verb', { type: 'cache.explode' }, 'UNKNOWN_MESSAGE'],
    ['an unknown verb of health', { type: 'health.explode' }, 'UNKNOWN_MESSAGE'],
    ['an unknown verb of metrics', { type: 'metrics.explode' }, 'UNKNOWN_MESSAGE'],
    ['an unknown verb of the supervisor', { type: 'supervisor.explode' }, 'UNKNOWN_MESSAGE'],
    ['the inner sign to drain', { type: 'system.drain' }, 'UNKNOWN_MESSAGE'],
    ['no type', { key: 'good' }, 'INVALID_MESSAGE'],
    ['a number for a type', { type: 1 }, 'INVALID_MESSAGE'],
    ['text', 'cache.get', 'INVALID_MESSAGE'],
    ['null', null, 'INVALID_MESSAGE'],
    ['undefined', undefined, 'INVALID_MESSAGE'],
    ['a hole among entries', { type: 'cache.setMany', entries: [null] }, 'INVALID_MESSAGE'],
    ['no entries', { type: 'cache.setMany' }, 'INVALID_MESSAGE'],
    ['no keys', { type: 'cache.getMany' }, 'INVALID_MESSAGE'],
    ['a lease that is none', { type: 'cache.fulfil', key: 'good', lease: 7, value: 1 }, 'INVALID_MESSAGE'],
  ])('as a message, %s is refused, and nobody crashes', async (_name, message, code) => {
    const ask = understudy.ask.bind(understudy) as (message: unknown) => Promise<unknown>;
    await expect(ask(message)).rejects.toMatchObject({ code });
    const report = await understudy.health();
    expect(report.actors.every(({ restarts, state }) => restarts === 0 && state === 'up')).toBe(true);
  });

  test.each([
    ['a limit of 0', { limit: 0 }],
    ['too large a limit', { limit: 100_000 }],
    ['a cursor of nobody', { cursor: 'nonsense' }],
    ['a cursor of Redis with words', { cursor: 'redis:x' }],
  ])('cache.keys with %s is refused', async (_name, fields) => {
    await expect(understudy.ask({ type: 'cache.keys', ...fields })).rejects.toThrow(/limit|cursor/);
  });
});

test('a refusal names the type or size of what was given and never the thing itself', async () => {
  const { cache } = await start({ maxValueLength: 100 });
  const secret = 'hunter2-'.repeat(200);
  for (const call of [cache.get(secret), cache.set('good', secret), cache.set(secret, 1)]) {
    const error: unknown = await call.catch((reason: unknown) => reason);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('hunter2');
  }
});
