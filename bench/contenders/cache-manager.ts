import { createCache } from 'cache-manager';
import type { Hits, Store } from '../assignment.ts';
import { TTL } from '../dataset.ts';
import type { Contender } from './contender.ts';
import { keyvOver } from './keyv.ts';

/** One store: Keyv at its best settings, in memory or over Redis. */
export function openCacheManager(store: Store, hits: Hits): Contender {
  const cache = createCache({ stores: [keyvOver(store, hits)], ttl: TTL });
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    getOrSet: (key, load) => cache.wrap(key, load),
    close: () => cache.disconnect(),
  };
}
