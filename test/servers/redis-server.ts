import { PrivateRedis, type PrivateRedisOptions } from '../../src/cli/private-redis.ts';
import { CONTAINER, REDIS_SOURCE } from './ensure-redis.ts';
import type { RedisServer } from './server.ts';

export type { RedisServer };

/**
 * A real Redis for one suite: a process of the binary that `ensure-redis` found or installed before the suites began,
 * or a container where it found an engine only.
 */
export async function startRedis(options: PrivateRedisOptions = {}): Promise<RedisServer> {
  if (process.env[REDIS_SOURCE] !== CONTAINER) return PrivateRedis.start(options);
  const { ContainerRedis } = await import('./container-redis.ts');
  return ContainerRedis.start(options);
}
