import type { CreateDriverResult, L2CacheDriver } from 'bentocache/types';
import { type Host, HostedCache, type HostedOptions } from './hosted-cache.ts';

/** Options of {@link understudyDriver}. */
export interface BentocacheDriverOptions extends HostedOptions {
  readonly understudy: Host;
  /** Begins the keys of the store. Default: the `prefix` of the store or of BentoCache, which is `'bentocache'`. */
  readonly prefix?: string;
}

/**
 * A driver for the second layer of BentoCache 1 on the cache of an Understudy:
 * `bentostore().useL2Layer(understudyDriver({ understudy }))`. Throws INVALID_OPTION and INVALID_TTL.
 */
export function understudyDriver({
  understudy,
  ...options
}: BentocacheDriverOptions): CreateDriverResult<L2CacheDriver> {
  const hosted = new HostedCache(understudy, options, ['prefix']);
  return {
    options,
    // BentoCache calls it with these options, after the prefix of its own that they may override.
    factory: ({ prefix = 'bentocache' }: { readonly prefix?: string }) =>
      new UnderstudyDriver(hosted, prefix),
  };
}

class UnderstudyDriver implements L2CacheDriver {
  readonly type = 'l2';
  readonly #hosted: HostedCache;
  /** Begins the keys of this namespace, and of those within. */
  readonly #base: string;

  constructor(hosted: HostedCache, prefix: string) {
    this.#hosted = hosted;
    const name = prefix.replace(/:+$/, '');
    this.#base = name === '' ? '' : `${name}:`;
  }

  namespace(namespace: string): UnderstudyDriver {
    return new UnderstudyDriver(this.#hosted, this.#base + namespace);
  }

  async get(key: string): Promise<string | undefined> {
    const value = await this.#hosted.cache.get(this.#base + key);
    // BentoCache stores text only: anything else was put here by somebody else.
    return typeof value === 'string' ? value : undefined;
  }

  /** Asked for by the first versions of BentoCache 1; later ones read the value. */
  has(key: string): Promise<boolean> {
    return this.#hosted.cache.has(this.#base + key);
  }

  /** Of those who pull at the same time one gets the value: the one that deleted it. */
  async pull(key: string): Promise<string | undefined> {
    const value = await this.get(key);
    return value !== undefined && (await this.delete(key)) ? value : undefined;
  }

  async set(key: string, value: string, ttl?: number): Promise<boolean> {
    await this.#hosted.cache.set(this.#base + key, value, { ttl: this.#hosted.lifetime(ttl) });
    return true;
  }

  delete(key: string): Promise<boolean> {
    return this.#hosted.cache.delete(this.#base + key);
  }

  /** True also when there was none of them, as it is with the drivers of BentoCache. */
  async deleteMany(keys: string[]): Promise<boolean> {
    await this.#hosted.cache.deleteMany(keys.map((key) => this.#base + key));
    return true;
  }

  async clear(): Promise<void> {
    await this.#hosted.cache.clear(this.#base);
  }

  disconnect(): Promise<void> {
    return this.#hosted.release();
  }
}
