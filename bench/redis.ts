import { PrivateRedis } from '../src/cli/private-redis.ts';
import { redisCall } from '../src/cli/redis-socket.ts';

/** The Redis of a run, which empties it again and again. */
export type BenchRedis = Pick<PrivateRedis, 'port' | 'url' | 'call' | 'stop'>;

/** A private server, or the one that listens at a port of this machine. */
export async function openRedis(port: number | undefined): Promise<BenchRedis> {
  if (port === undefined) return PrivateRedis.start();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    call: (...command) => redisCall(port, command),
    stop: () => Promise.resolve(),
  };
}
