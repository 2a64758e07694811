import { onTestFinished } from 'vitest';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';

interface Outage {
  readonly how: string;
  readonly begin: (redis: RedisServer) => Promise<void>;
  readonly end: (redis: RedisServer) => Promise<void>;
}

/** Ways for Redis to be out after which it still has what it had. */
export const OUTAGES: readonly Outage[] = [
  { how: 'killed', begin: (redis) => redis.kill(), end: (redis) => redis.restart() },
  { how: 'frozen', begin: (redis) => redis.freeze(), end: (redis) => redis.thaw() },
];

/** A Redis for this test, to be put out; it remembers what it had when it is started again. */
export async function breakableRedis(): Promise<RedisServer> {
  const redis = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  onTestFinished(() => redis.stop());
  return redis;
}
