import type { KeyvStoreAdapter, StoredData } from 'keyv';
import { type Host, HostedCache, type HostedOptions } from './hosted-cache.ts';

/** Options of {@link createKeyvStore}. */
export interface KeyvStoreOptions extends HostedOptions {
  /** Begins the keys of all namespaces. Default: `'keyv:'`. */
  readonly prefix?: string;
}

interface KeyvWrite {
  readonly key: string;
  readonly value: unknown;
  readonly ttl?: number;
}

/** Values that an iterator reads at once. */
const ITERATED = 256;

/**
 * A store for Keyv 5 on the cache of an Understudy: `new Keyv({ store: createKeyvStore(understudy), namespace: 'users' })`.
 * It has no connection of its own, so give each Keyv one: Keyv tells its store the namespace by setting it.
 * Throws INVALID_OPTION and INVALID_TTL.
 */
export function createKeyvStore(understudy: Host, options: KeyvStoreOptions = {}): KeyvStoreAdapter {
  return new KeyvStore(understudy, options);
}

class KeyvStore implements KeyvStoreAdapter {
  /** Keyv offers its iterator for the dialects that it knows by name only. */
  readonly opts: Record<string, unknown>;
  readonly #hosted: HostedCache;
  readonly #prefix: string;
  #namespace: string | undefined;
  /** Begins the keys of the namespace. */
  #base = '';

  constructor(understudy: Host, options: KeyvStoreOptions) {
    this.#hosted = new HostedCache(understudy, options, ['prefix']);
    this.#prefix = options.prefix ?? 'keyv:';
    this.opts = { ...options, dialect: 'redis' };
    this.namespace = undefined;
  }

  get namespace(): string | undefined {
    return this.#namespace;
  }

  set namespace(namespace: string | undefined) {
    this.#namespace = namespace;
    this.#base = this.#baseOf(namespace);
  }

  get<Value>(key: string): Promise<StoredData<Value>> {
    return this.#cache.get<StoredData<Value>>(this.#base + key);
  }

  async getMany<Value>(keys: string[]): Promise<StoredData<Value | undefined>[]> {
    const stored = keys.map((key) => this.#base + key);
    const found = await this.#cache.getMany<StoredData<Value | undefined>>(stored);
    return stored.map((key) => found.get(key));
  }

  async set(key: string, value: unknown, ttl?: number): Promise<boolean> {
    await this.#cache.set(this.#base + key, value, { ttl: this.#hosted.lifetime(ttl) });
    return true;
  }

  /** Keyv hands on what this answers as its own answer, a boolean for each entry, though its type of a store says void. */
  setMany(entries: KeyvWrite[]): Promise<void>;
  async setMany(entries: KeyvWrite[]): Promise<unknown> {
    await this.#cache.setMany(
      entries.map(({ key, value, ttl }) => ({
        key: this.#base + key,
        value,
        ttl: this.#hosted.lifetime(ttl),
      })),
    );
    return entries.map(() => true);
  }

  delete(key: string): Promise<boolean> {
    return this.#cache.delete(this.#base + key);
  }

  /** Whether any of them was there. */
  async deleteMany(keys: string[]): Promise<boolean> {
    return (await this.#cache.deleteMany(keys.map((key) => this.#base + key))) > 0;
  }

  has(key: string): Promise<boolean> {
    return this.#cache.has(this.#base + key);
  }

  hasMany(keys: string[]): Promise<boolean[]> {
    return Promise.all(keys.map((key) => this.has(key)));
  }

  async clear(): Promise<void> {
    await this.#cache.clear(this.#base);
  }

  async *iterator<Value>(
    namespace = this.#namespace,
  ): AsyncGenerator<(string | Awaited<Value> | undefined)[], void> {
    const base = this.#baseOf(namespace);
    const keys = await this.#cache.keys(base);
    for (let from = 0; from < keys.length; from += ITERATED) {
      const found = await this.#cache.getMany<Awaited<Value>>(keys.slice(from, from + ITERATED));
      for (const [key, value] of found) yield [key.slice(base.length), value];
    }
  }

  disconnect(): Promise<void> {
    return this.#hosted.release();
  }

  /** Keyv listens for errors; here each is the rejection of the call that it concerns. */
  on(): this {
    return this;
  }

  get #cache(): HostedCache['cache'] {
    return this.#hosted.cache;
  }

  /** No base begins with another, as a colon within a namespace is not written as one. */
  #baseOf(namespace = ''): string {
    return `${this.#prefix}${namespace.replace(/[%:]/g, encodeURIComponent)}:`;
  }
}
