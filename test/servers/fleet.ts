import { PrivateRedis, type PrivateRedisOptions } from '../../src/cli/private-redis.ts';

/** Starts a server per item, all at the same time: every one, or none is left behind. */
export async function startFleet(each: readonly PrivateRedisOptions[]): Promise<PrivateRedis[]> {
  const results = await Promise.allSettled(each.map((options) => PrivateRedis.start(options)));
  const servers = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) {
    await stopFleet(servers);
    throw failed.reason;
  }
  return servers;
}

export async function stopFleet(servers: readonly PrivateRedis[]): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
}

/** The same options for each of `count` servers. */
export function times(count: number, options: PrivateRedisOptions): PrivateRedisOptions[] {
  return Array.from({ length: count }, () => options);
}
