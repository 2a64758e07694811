import { Redis } from 'ioredis';
import type { Store } from '../assignment.ts';
import { TTL } from '../dataset.ts';
import type { Contender } from './contender.ts';

/** The plain client as it is fastest by its own documentation: auto-pipelining, and JSON by hand. */
export function openIoredis(store: Store): Contender {
  const redis = connectAutoPipelined(store);
  return {
    get: async (key) => {
      const text = await redis.get(key);
      return text === null ? undefined : JSON.parse(text);
    },
    set: (key, value) => redis.set(key, JSON.stringify(value), 'PX', TTL),
    getMany: async (keys) => {
      const texts = await redis.mget(...keys);
      const missing: number[] = [];
      for (const [position, text] of texts.entries()) {
        if (text === null) missing.push(position);
        else JSON.parse(text);
      }
      return missing;
    },
    setMany: async (keys, values) => {
      const pipeline = redis.pipeline();
      for (const [position, key] of keys.entries()) {
        pipeline.set(key, JSON.stringify(values[position]), 'PX', TTL);
      }
      const results = await pipeline.exec();
      for (const [error] of results ?? []) if (error !== null) throw error;
    },
    close: () => redis.quit(),
  };
}

export function connectAutoPipelined(store: Store): Redis {
  if (store.kind !== 'redis') throw new Error('ioredis has no values in memory');
  return new Redis({
    host: '127.0.0.1',
    port: store.port,
    db: store.database,
    enableAutoPipelining: true,
  });
}
