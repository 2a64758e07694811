import type { RedisReply } from '../../src/cli/redis-socket.ts';

interface Server {
  call(...command: string[]): Promise<RedisReply>;
}

/** Ids of the connections of systems under test, as the server knows them. */
export async function ourConnections(server: Server): Promise<(string | undefined)[]> {
  const clients = String(await server.call('CLIENT', 'LIST')).split('\n');
  return clients
    .filter((client) => client.includes('name=understudy'))
    .map((client) => /id=(\d+)/.exec(client)?.[1]);
}
