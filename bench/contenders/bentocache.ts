import { BentoCache, type BentoStore, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { redisDriver } from 'bentocache/drivers/redis';
import type { Hits, Store, Terms } from '../assignment.ts';
import { TTL, tagsOf } from '../dataset.ts';
import type { Contender } from './contender.ts';
import { connectAutoPipelined } from './ioredis.ts';

/**
 * One tier, so that no other is asked first, and no bus. Redis by a connection with auto-pipelining. Memory serialises by
 * default, which gives each caller a value of its own; without that, its fastest, all share what was stored.
 */
export function openBentocache(store: Store, hits: Hits, terms: Terms): Contender {
  const bento = new BentoCache({ default: 'only', stores: { only: tierOf(store, hits) }, ttl: TTL });
  const storing = (key: string) =>
    terms === 'plain' ? {} : { ...(terms === 'tagged' ? {} : { grace: TTL }), tags: tagsOf(key) };
  return {
    get: (key) => bento.get({ key }),
    set: (key, value) => bento.set({ key, value, ...storing(key) }),
    getOrSet: (key, load) => bento.getOrSet({ key, factory: load, ...storing(key) }),
    close: () => bento.disconnectAll(),
  };
}

function tierOf(store: Store, hits: Hits): BentoStore {
  return store.kind === 'redis'
    ? bentostore().useL2Layer(redisDriver({ connection: connectAutoPipelined(store) }))
    : bentostore().useL1Layer(memoryDriver({ maxItems: 1_000, serialize: hits === 'copied' }));
}
