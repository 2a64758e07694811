import type { PrivateRedis } from '../../src/cli/private-redis.ts';

/** How many connections of ours the running servers have, as they say. */
export async function connected(servers: readonly PrivateRedis[]): Promise<number> {
  const running = servers.filter((server) => server.running);
  const lists = await Promise.all(running.map((server) => server.call('CLIENT', 'LIST')));
  return lists.join('\n').match(/ name=\S*understudy/g)?.length ?? 0;
}
