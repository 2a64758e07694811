import type { PrivateRedis } from '../../src/cli/private-redis.ts';

/** What a Redis of one's own can do, whatever runs it. */
export type RedisServer = Pick<PrivateRedis, keyof PrivateRedis>;
