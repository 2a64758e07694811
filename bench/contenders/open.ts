import type { Assignment, ContenderName, Hits, Store, Terms } from '../assignment.ts';
import type { Contender } from './contender.ts';

type Open = (store: Store, hits: Hits, terms: Terms) => Promise<Contender> | Contender;

// A process loads the library it measures and no other.
const OPENERS: Readonly<Record<ContenderName, () => Promise<Open>>> = {
  understudy: async () => (await import('./understudy.ts')).openUnderstudy,
  ioredis: async () => (await import('./ioredis.ts')).openIoredis,
  bentocache: async () => (await import('./bentocache.ts')).openBentocache,
  keyv: async () => (await import('./keyv.ts')).openKeyv,
  'cache-manager': async () => (await import('./cache-manager.ts')).openCacheManager,
};

export async function openContender({ contender, store, hits, terms }: Assignment): Promise<Contender> {
  const open = await OPENERS[contender]();
  return open(store, hits, terms);
}
