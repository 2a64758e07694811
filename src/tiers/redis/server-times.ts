import { Cluster, type Redis } from 'ioredis';
import type { ProbeReport } from '../tier.ts';
import type { RedisClient } from './client.ts';
import { send } from './send.ts';
import { slotOf } from './slot.ts';

/**
 * The clocks of the servers, as they were last read: one, or that of each master of a Cluster. A master that was not
 * asked, such as one that was promoted since, is taken for the slowest of them.
 */
export class ServerTimes {
  /** By `host:port`: what must be added to the monotonic clock to get the time there, or a little more; never less. */
  readonly #ahead: ReadonlyMap<string, number>;
  readonly #least: number;
  readonly #first: Reading;

  private constructor(readings: readonly Reading[]) {
    const [first] = readings;
    if (first === undefined) throw new Error('no server told the time');
    this.#first = first;
    this.#ahead = new Map(readings.map(({ name, ahead }) => [name, ahead]));
    this.#least = Math.min(...this.#ahead.values());
  }

  /**
   * The time of now: the reading may have waited for others that were made beside it. Of the same master for all
   * instances, as long as it is there, so that they agree about the time.
   */
  get report(): ProbeReport {
    const { serverTime, received, roundTrip } = this.#first;
    return { serverTime: serverTime + performance.now() - received, roundTrip };
  }

  /** Throws when no server told its time. */
  static async read(client: RedisClient): Promise<ServerTimes> {
    const servers = client instanceof Cluster ? client.nodes('master') : [client];
    const settled = await Promise.allSettled(servers.map(readingOf));
    const readings = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failure = settled.find((result) => result.status === 'rejected');
    if (readings.length === 0 && failure !== undefined) throw failure.reason;
    return new ServerTimes(readings.sort((a, b) => (a.name < b.name ? -1 : 1)));
  }

  /** The time at the server that holds a key. */
  now(client: RedisClient, name: string | undefined): number {
    const server =
      client instanceof Cluster && name !== undefined ? client.slots[slotOf(name)]?.[0] : undefined;
    const ahead = server === undefined ? undefined : this.#ahead.get(server);
    return (ahead ?? this.#least) + performance.now();
  }
}

interface Reading {
  readonly name: string;
  readonly ahead: number;
  readonly serverTime: number;
  /** By the monotonic clock. */
  readonly received: number;
  readonly roundTrip: number;
}

async function readingOf(server: Redis): Promise<Reading> {
  const began = performance.now();
  const reply = await send(server, 'time', []);
  const [seconds = 0, microseconds = 0] = Array.isArray(reply) ? reply.map(Number) : [];
  const serverTime = seconds * 1_000 + microseconds / 1_000;
  const received = performance.now();
  const { host, port } = server.options;
  return {
    name: `${host}:${port}`,
    ahead: serverTime - began,
    serverTime,
    received,
    roundTrip: received - began,
  };
}
