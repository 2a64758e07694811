import type { Driver, StorageValue } from 'unstorage';
import type { Ttl } from '../wire/ttl.ts';
import { type Host, HostedCache, type HostedOptions } from './hosted-cache.ts';

/** Options of {@link understudyDriver}. */
export interface UnstorageDriverOptions extends HostedOptions {
  readonly understudy: Host;
  /** Begins the keys of the storage. Default: `'unstorage'`. */
  readonly base?: string;
  /**
   * How long a value lives that is stored without a `ttl` of its own: a string like `'5m'`, or seconds, which is what
   * unstorage counts in. Default: ten years, the longest that Understudy keeps anything.
   */
  readonly ttl?: Ttl | undefined;
}

/**
 * A driver for unstorage 1 on the cache of an Understudy: `createStorage({ driver: understudyDriver({ understudy }) })`.
 * `setItem` takes a `ttl` in seconds, or a string like `'5m'`. Throws INVALID_OPTION and INVALID_TTL.
 */
export function understudyDriver({ understudy, ...options }: UnstorageDriverOptions): Driver {
  const hosted = new HostedCache(understudy, { ...options, ttl: inMilliseconds(options.ttl) }, ['base']);
  const { cache } = hosted;
  const name = (options.base ?? 'unstorage').replace(/:+$/, '');
  const base = name === '' ? '' : `${name}:`;

  return {
    name: 'understudy',
    options,
    hasItem: (key) => cache.has(base + key),
    getItem: async (key) => (await cache.get<StorageValue>(base + key)) ?? null,
    getItems: async (items) => {
      const found = await cache.getMany<StorageValue>(items.map(({ key }) => base + key));
      return items.map(({ key }) => ({ key, value: found.get(base + key) ?? null }));
    },
    setItem: async (key, value, call) => {
      await cache.set(base + key, value, { ttl: hosted.lifetime(inMilliseconds(call?.ttl)) });
    },
    setItems: async (items, common) => {
      await cache.setMany(
        items.map(({ key, value, options: own }) => ({
          key: base + key,
          value,
          ttl: hosted.lifetime(inMilliseconds(own?.ttl ?? common?.ttl)),
        })),
      );
    },
    removeItem: async (key) => {
      await cache.delete(base + key);
    },
    getKeys: async (within = '') => (await cache.keys(base + within)).map((key) => key.slice(base.length)),
    clear: async (within = '') => {
      await cache.clear(base + within);
    },
    dispose: () => hosted.release(),
  };
}

/** A number of seconds; a text says its unit itself. */
function inMilliseconds(ttl: Ttl | undefined): Ttl | undefined {
  return typeof ttl === 'number' ? Math.ceil(ttl * 1_000) : ttl;
}
