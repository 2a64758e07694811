import type { ContenderName, Hits, Store } from '../assignment.ts';
import type { Contender } from './contender.ts';

type Open = (store: Store, hits: Hits) => Promise<Contender> | Contender;

// A process loads the library it measures and no other.
const OPENERS: Readonly<Record<ContenderName, () => Promise<Open>>> = {
  understudy: async () => (await import('./understudy.ts')).openUnderstudy,
  ioredis: async () => (await import('./ioredis.ts')).openIoredis,
  bentocache: async () => (await import('./bentocache.ts')).openBentocache,
  keyv: async () => (await import('./keyv.ts')).openKeyv,
  'cache-manager': async () => (await import('./cache-manager.ts')).openCacheManager,
};

export async function openContender(name: ContenderName, store: Store, hits: Hits): Promise<Contender> {
  const open = await OPENERS[name]();
  return open(store, hits);
}
