import type { RedisReply } from '../../src/cli/redis-socket.ts';

interface Server {
  call(...command: (string | number)[]): Promise<RedisReply>;
}

/** Reads which numbered values a server holds, over a connection that has nothing to do with the client under test. */
export function heldBy(server: Server, prefix: string) {
  return async (keys: readonly string[]): Promise<(number | undefined)[]> => {
    const reply = await server.call('MGET', ...keys.map((key) => prefix + key));
    if (!Array.isArray(reply)) throw new TypeError(`Expected the list that MGET replies with, got ${reply}`);
    return reply.map(numberIn);
  };
}

/** The number in a stored text; undefined when there is no text. */
export function numberIn(stored: RedisReply | undefined): number | undefined {
  return typeof stored === 'string' ? JSON.parse(stored).value.number : undefined;
}
