import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { createUnderstudy, type OptionsInput, type Understudy } from '../../src/index.ts';
import { parseInfo } from '../servers/redis-info.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';

/** Makes systems that are stopped after the test that made them. */
export function understudies(): (options?: OptionsInput) => Promise<Understudy> {
  const running: Understudy[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((understudy) => understudy.stop()));
  });
  return async (options = {}) => {
    const understudy = await createUnderstudy(options);
    running.push(understudy);
    return understudy;
  };
}

/** A Redis of the suite's own, empty before each test. */
export class SuiteRedis {
  #server: RedisServer | undefined;

  constructor() {
    beforeAll(async () => {
      this.#server = await startRedis();
    });
    beforeEach(() => this.server.call('FLUSHALL'));
    afterAll(() => this.#server?.stop());
  }

  get server(): RedisServer {
    if (this.#server === undefined) throw new Error('Redis has not been started yet');
    return this.#server;
  }

  get options(): { redis: { url: string; commandTimeout: number }; deadline: number } {
    // A busy machine must not look like a Redis that is out.
    return { redis: { url: this.server.url, commandTimeout: 5_000 }, deadline: 10_000 };
  }

  call(...command: (string | number)[]): ReturnType<RedisServer['call']> {
    return this.server.call(...command);
  }

  async pttl(key: string): Promise<number> {
    return Number(await this.call('PTTL', `understudy:${key}`));
  }

  /** Calls of each command since the last {@link resetCalls}. */
  async calls(): Promise<Record<string, number>> {
    const stats = parseInfo(await this.call('INFO', 'commandstats'));
    const counts: Record<string, number> = {};
    for (const [name, text] of stats) {
      counts[name.replace('cmdstat_', '')] = Number(/calls=(\d+)/.exec(text)?.[1]);
    }
    return counts;
  }

  async resetCalls(): Promise<void> {
    await this.call('CONFIG', 'RESETSTAT');
  }
}
