import { findRedisBinary, RedisBinaryNotFoundError } from '../../src/cli/redis-binary.ts';
import { aptInstall, isRootOnDebian } from './debian-packages.ts';

/** Environment variable that tells the workers to run Redis in containers, by the value `container`. */
export const REDIS_SOURCE = 'UNDERSTUDY_TEST_REDIS';
export const CONTAINER = 'container';

/** The ways to a real Redis, apart from the deciding between them. */
export interface RedisSources {
  findBinary: () => string;
  engineAnswers: () => Promise<boolean>;
  canInstall: () => boolean;
  install: () => Promise<void>;
}

const THIS_MACHINE: RedisSources = {
  findBinary: () => findRedisBinary(),
  engineAnswers: containerEngineAnswers,
  canInstall: isRootOnDebian,
  install: async () => aptInstall('redis-server'),
};

/**
 * The environment that suites need to start a real Redis: a binary, else containers, else a binary installed now.
 *
 * @throws RedisBinaryNotFoundError that says what to install, when there is no way
 */
export async function resolveRedis(sources: RedisSources): Promise<Record<string, string>> {
  try {
    return { REDIS_SERVER_BIN: sources.findBinary() };
  } catch (error) {
    if (!(error instanceof RedisBinaryNotFoundError)) throw error;
    if (await sources.engineAnswers()) return { [REDIS_SOURCE]: CONTAINER };
    if (!sources.canInstall()) throw error;
  }
  await sources.install();
  return { REDIS_SERVER_BIN: sources.findBinary() };
}

/** vitest's global set-up: once, before the workers that inherit the environment exist. */
export default async function ensureRedis(): Promise<void> {
  Object.assign(process.env, await resolveRedis(THIS_MACHINE));
}

export async function containerEngineAnswers(): Promise<boolean> {
  try {
    const { getContainerRuntimeClient } = await import('testcontainers');
    await getContainerRuntimeClient();
    return true;
  } catch {
    return false;
  }
}
