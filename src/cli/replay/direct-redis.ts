import { redisTierOptions } from '../../config/redis-topology.ts';
import { resolveOptions } from '../../config/resolve.ts';
import { RedisTier } from '../../tiers/redis/redis-tier.ts';
import type { ReadRedis } from './write-ledger.ts';

/** A way to Redis that goes round the system under test: a connection of its own, no breaker, no memory. */
export async function withDirectRedis<T>(
  url: string,
  prefix: string,
  use: (read: ReadRedis) => Promise<T>,
): Promise<T> {
  const { redis } = resolveOptions({ redis: { url } });
  if (redis === undefined) throw new Error('no Redis is configured');
  const tier = new RedisTier(redisTierOptions(redis, prefix));
  try {
    // Where this fails so does every read, and each counts as not found.
    await tier.connect().catch(() => {});
    return await use((keys) => tier.read(keys));
  } finally {
    tier.disconnect();
  }
}
