import { expect, test } from 'vitest';
import { findRedisBinary, RedisBinaryNotFoundError } from '../../src/cli/redis-binary.ts';
import { REDIS_SOURCE, type RedisSources, resolveRedis } from './ensure-redis.ts';
import { startRedis } from './redis-server.ts';

/** A machine without anything, which counts what it installs. */
function bareMachine(has: Partial<RedisSources> = {}) {
  let installed = 0;
  const sources: RedisSources = {
    findBinary: () => (installed > 0 ? '/usr/bin/redis-server' : findRedisBinary({})),
    engineAnswers: async () => false,
    canInstall: () => false,
    install: async () => {
      installed += 1;
    },
    ...has,
  };
  return { sources, installed: () => installed };
}

test('a binary is taken before an engine is asked', async () => {
  const engineAnswers = () => Promise.reject(new Error('asked'));
  const { sources } = bareMachine({ findBinary: () => '/opt/redis-server', engineAnswers });
  expect(await resolveRedis(sources)).toEqual({ REDIS_SERVER_BIN: '/opt/redis-server' });
});

test('a container engine is taken before anything is installed', async () => {
  const { sources, installed } = bareMachine({ engineAnswers: async () => true, canInstall: () => true });
  expect(await resolveRedis(sources)).toEqual({ UNDERSTUDY_TEST_REDIS: 'container' });
  expect(installed()).toBe(0);
});

test('root on Debian installs one, once', async () => {
  const { sources, installed } = bareMachine({ canInstall: () => true });
  expect(await resolveRedis(sources)).toEqual({ REDIS_SERVER_BIN: '/usr/bin/redis-server' });
  expect(installed()).toBe(1);
});

test('elsewhere the error says what to install', async () => {
  const { sources, installed } = bareMachine();
  await expect(resolveRedis(sources)).rejects.toThrow(RedisBinaryNotFoundError);
  expect(installed()).toBe(0);
});

test('a broken installation is not mistaken for a missing binary', async () => {
  const { sources } = bareMachine({
    findBinary: () => {
      throw new Error('disk on fire');
    },
  });
  await expect(resolveRedis(sources)).rejects.toThrow('disk on fire');
});

test('suites start the Redis that was found before they began', async () => {
  expect(process.env.REDIS_SERVER_BIN ?? process.env[REDIS_SOURCE]).toBeDefined();
  const redis = await startRedis();
  try {
    expect(await redis.call('PING')).toBe('PONG');
  } finally {
    await redis.stop();
  }
});
