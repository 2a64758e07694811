import { createKeyv } from '@keyv/redis';
import { Keyv } from 'keyv';
import type { Hits, Store } from '../assignment.ts';
import { TTL } from '../dataset.ts';
import type { Contender } from './contender.ts';

export function openKeyv(store: Store, hits: Hits): Contender {
  const keyv = keyvOver(store, hits);
  return {
    get: (key) => keyv.get(key),
    set: (key, value) => keyv.set(key, value, TTL),
    close: () => keyv.disconnect(),
  };
}

/**
 * Redis by `createKeyv`, which prefixes no keys; else a Map. Plain JSON in place of the default serialisation, which looks
 * for buffers; in a Map none at all, its fastest, where hits may be shared. Failures throw instead of becoming misses.
 */
export function keyvOver(store: Store, hits: Hits): Keyv {
  const keyv =
    store.kind === 'memory' ? new Keyv() : createKeyv(`redis://127.0.0.1:${store.port}/${store.database}`);
  const serialised = store.kind === 'redis' || hits === 'copied';
  keyv.serialize = serialised ? JSON.stringify : undefined;
  keyv.deserialize = serialised ? JSON.parse : undefined;
  keyv.throwOnErrors = true;
  return keyv;
}
