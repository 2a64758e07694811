import { createUnderstudy } from 'understudy-cache';
import type { Hits, Store, Terms } from '../assignment.ts';
import { TTL, tagsOf } from '../dataset.ts';
import type { Contender } from './contender.ts';
import { echoActor } from './echo-actor.ts';

/** The built package as an application imports it: every default, telemetry included, but for what a hit hands out. */
export async function openUnderstudy(store: Store, hits: Hits, terms: Terms): Promise<Contender> {
  const understudy = await createUnderstudy({
    actors: [echoActor],
    ...(store.kind === 'memory'
      ? {}
      : { redis: { host: '127.0.0.1', port: store.port, database: store.database } }),
    ...(store.kind === 'redis' ? {} : { memory: { isolation: hits === 'shared' ? 'shared' : 'copy' } }),
    // A caller that hits and hits lets no heartbeat through: the bound must outlast a round.
    near: store.kind === 'near' && { staleness: '1m' },
  });
  const { cache } = understudy;
  let trouble: string | undefined;
  understudy.subscribe((event) => {
    if (event.type === 'breaker.changed') trouble = `the circuit breaker is ${event.state}: ${event.reason}`;
  });
  const options = { ttl: TTL };
  const storing = (key: string) =>
    terms === 'plain'
      ? options
      : { ...options, ...(terms === 'tagged' ? {} : { grace: TTL }), tags: tagsOf(key) };
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value, storing(key)),
    getOrSet: (key, load) =>
      terms === 'plain' ? cache.getOrSet(key, load) : cache.getOrSet(key, load, storing(key)),
    ask: (key) => understudy.ask({ type: 'cache.get', key }),
    echo: (text) => understudy.ask({ type: 'echo.say', text }),
    getMany: async (keys) => {
      const found = await cache.getMany(keys);
      const missing: number[] = [];
      for (const [position, key] of keys.entries()) if (!found.has(key)) missing.push(position);
      return missing;
    },
    setMany: (keys, values) =>
      cache.setMany(
        keys.map((key, position) => [key, values[position]]),
        options,
      ),
    // Memory would answer faster than Redis does: such answers must not count.
    verify: async () => {
      const health = await understudy.health();
      if (trouble !== undefined) throw new Error(trouble);
      if (store.kind === 'near' && !health.near.trusted) throw new Error(`near reads: ${health.near.reason}`);
      if (!health.healthy) throw new Error(`health says ${health.status}: ${health.redis.reason}`);
    },
    close: () => understudy.stop(),
  };
}
