import { afterEach } from 'vitest';
import { resolveOptions } from '../../src/config/resolve.ts';
import { createUnderstudy, type OptionsInput } from '../../src/index.ts';
import type { Cache } from '../../src/system/cache.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { postgresSessions } from '../../src/tiers/postgres/session.ts';
import { SqlTier } from '../../src/tiers/postgres/sql-tier.ts';
import { switchedCaches } from '../cache/switched-cache.ts';
import { SuiteRedis } from '../cache/systems.ts';
import { SuitePostgres } from '../durable-tier/suite.ts';
import { sqlTierOptions } from '../tiers/sql-tier-under-test.ts';

/** The time of a real Redis cannot be moved, but what each key has left can. */
const AGE = `
for _, key in ipairs(redis.call('KEYS', '*')) do
  local left = redis.call('PTTL', key)
  if left >= 0 then redis.call('PEXPIRE', key, math.max(0, left - tonumber(ARGV[1]))) end
end`;

/** Drops what Redis holds for keys, and nothing of what it knows of them. */
const FORGET = `
for _, key in ipairs(redis.call('KEYS', 'understudy:*')) do
  if string.sub(key, 12, 12) ~= '~' then redis.call('UNLINK', key) end
end`;

/** A cache on virtual time. */
export interface Setting {
  readonly cache: Cache;
  /** Lets time pass, and whatever is due happen. */
  advance(milliseconds: number): Promise<void>;
}

/** Each way in which a cache may have to work: every promise must hold in all of them. */
export function settings(
  options: Pick<OptionsInput, 'namespaces'> = {},
): [name: string, start: () => Promise<Setting>][] {
  const { namespaces = {} } = resolveOptions(options);
  const redis = new SuiteRedis();
  const postgres = new SuitePostgres();
  const switched = switchedCaches();
  const running: { stop(): Promise<void> }[] = [];
  afterEach(() => Promise.all(running.splice(0).map((system) => system.stop())));
  return [
    [
      'memory only',
      async () => {
        const clock = new VirtualClock();
        const understudy = await createUnderstudy({ clock, ...options });
        running.push(understudy);
        return { cache: understudy.cache, advance: (milliseconds) => clock.advance(milliseconds) };
      },
    ],
    [
      'with Redis',
      async () => {
        const { cache, clock } = await switched({ port: redis.server.port, namespaces });
        return {
          cache,
          advance: async (milliseconds) => {
            await redis.call('EVAL', AGE, 0, Math.floor(milliseconds));
            await clock.advance(milliseconds);
          },
        };
      },
    ],
    [
      'with a durable tier behind a Redis that forgets',
      async () => {
        const connect = postgresSessions(postgres.server.url, 10_000);
        const system = await switched({
          port: redis.server.port,
          archive: (time) =>
            new SqlTier(connect, sqlTierOptions(time, { space: postgres.prefix, ttl: 3_650 * 86_400_000 })),
        });
        return {
          cache: system.cache,
          advance: async (milliseconds) => {
            await system.archived();
            await redis.call('EVAL', AGE, 0, Math.floor(milliseconds));
            await redis.call('EVAL', FORGET, 0);
            await system.clock.advance(milliseconds);
          },
        };
      },
    ],
    [
      'with Redis out',
      async () => {
        const system = await switched({ port: redis.server.port, namespaces });
        system.down();
        return { cache: system.cache, advance: (milliseconds) => system.clock.advance(milliseconds) };
      },
    ],
  ];
}
