import type { Accepted, CacheMessage, CacheProtocol, Entry, NotFound } from '../../actors/cache/messages.ts';
import { UnderstudyError } from '../runtime/errors.ts';
import type { KeyEventName, KeyListener } from '../runtime/key-events.ts';
import type { ReplyOf } from '../runtime/protocol.ts';
import type { Ttl } from '../wire/ttl.ts';
import type { BulkLoader, BulkLoadOptions } from './bulk-loader.ts';
import type { CacheMail } from './cache-mail.ts';
import type { CallOptions, ChangeOptions, FoundAs, SetOptions, WriteOptions } from './cache-options.ts';
import { checkOptions } from './call-options.ts';
import { entriesOf } from './entries.ts';
import { getOrSet } from './get-or-set.ts';
import { getOrSetMany } from './get-or-set-many.ts';
import type { Loader } from './load-context.ts';
import type { LoadOptions } from './load-options.ts';
import type { Declared, InputOf, Namespace, OutputOf } from './namespace.ts';
import type { LoadParts } from './run-load.ts';
import { type Scan, type ScanOptions, scanEntries, scanKeys } from './scan.ts';
import { Scope } from './scope.ts';
import { ScopedMail } from './scoped-mail.ts';
import { warm } from './warm.ts';
import type { WarmEntries, WarmKeys, WarmOptions, WarmReport } from './warm-options.ts';

const CALL: readonly string[] = ['deadline'];
const CHANGE: readonly string[] = ['deadline', 'wait'];
const WRITE: readonly string[] = ['deadline', 'ttl', 'wait'];
const SET: readonly string[] = [...WRITE, 'grace', 'tags'];

/**
 * The cache as plain calls. Each is one message to the cache actor. None rejects because Redis failed; they reject with
 * an UnderstudyError for bad input (INVALID_KEY, INVALID_VALUE, INVALID_TTL, INVALID_OPTION), for overload (OVERLOADED,
 * JOURNAL_FULL), and while the system stops (STOPPING).
 */
export class Cache<Namespaces extends Declared = Declared> {
  readonly #parts: LoadParts;
  readonly #ref: CacheMail;
  /** What all of its keys begin with, of which who uses them knows nothing. */
  readonly #prefix: string;
  /** Of a view; see {@link for}. */
  readonly #scope: Scope | undefined;
  readonly #unscoped: LoadParts;

  constructor(parts: LoadParts, scope?: Scope) {
    this.#unscoped = parts;
    this.#scope = scope;
    // The namespace is found at the beginning of a key.
    this.#prefix = (parts.namespace?.prefix ?? '') + (scope?.prefix ?? '');
    this.#ref = this.#prefix === '' ? parts.ref : new ScopedMail(parts.ref, this.#prefix);
    this.#parts = { ...parts, ref: this.#ref, prefix: this.#prefix };
  }

  /**
   * Calls back with what happens to keys in this process: `hit`, `miss`, `stale`, `set`, `delete`, `touch`, `increment`, `evict`,
   * `load` and `error`; a view with what happens to its own. And with what becomes of what is behind memory: `breaker` and
   * `tier`. Returns the function that ends the subscription. Costs nothing while nobody
   * listens. Throws INVALID_OPTION.
   */
  on<Name extends KeyEventName>(name: Name, listener: KeyListener<Name>): () => void {
    const { keyEvents } = this.#parts;
    const prefix = this.#prefix;
    if (prefix === '' || typeof listener !== 'function') return keyEvents.on(name, listener);
    return keyEvents.on(name, (event) => {
      if (!('key' in event)) listener(event);
      else if (event.key.startsWith(prefix)) listener({ ...event, key: event.key.slice(prefix.length) });
    });
  }

  /** The value, or undefined when there is none. */
  get<T = unknown>(key: string, options?: CallOptions): Promise<T | undefined> {
    return this.#call({ type: 'cache.get', key }, options) as Promise<T | undefined>;
  }

  /** The value with where it came from: for those who must tell a miss from a value, or fresh from degraded. */
  find<T = unknown>(key: string, options?: CallOptions): Promise<FoundAs<T> | NotFound> {
    return this.#call({ type: 'cache.find', key }, options) as Promise<FoundAs<T> | NotFound>;
  }

  has(key: string, options?: CallOptions): Promise<boolean> {
    return this.#call({ type: 'cache.has', key }, options);
  }

  /** The values that there are, by key, in the order asked for. */
  async getMany<T = unknown>(keys: readonly string[], options?: CallOptions): Promise<Map<string, T>> {
    const pairs = await this.#call({ type: 'cache.getMany', keys }, options);
    return new Map(pairs as readonly (readonly [string, T])[]);
  }

  /** Accepted: in memory at once, in Redis when `durable` is true, else in the journal until Redis is back. */
  set(key: string, value: unknown, options?: SetOptions): Promise<Accepted> {
    return this.#call(
      {
        type: 'cache.set',
        key,
        value,
        ttl: options?.ttl,
        grace: options?.grace,
        tags: options?.tags,
        wait: options?.wait,
      },
      options,
      SET,
    );
  }

  /** `entries`: pairs, a Map, or entries with options of their own. All are checked before the first is stored. */
  async setMany(
    entries: Iterable<readonly [string, unknown] | Entry>,
    options?: SetOptions,
  ): Promise<Accepted> {
    const list = entriesOf(entries);
    const { ttl, grace, tags, wait } = options ?? {};
    return this.#call({ type: 'cache.setMany', entries: list, ttl, grace, tags, wait }, options, SET);
  }

  /** Whether there was something to delete, as far as the tier that answered knows. */
  async delete(key: string, options?: ChangeOptions): Promise<boolean> {
    return (await this.#call({ type: 'cache.delete', key, wait: options?.wait }, options, CHANGE)).existed;
  }

  /** How many of them there were. */
  async deleteMany(keys: readonly string[], options?: ChangeOptions): Promise<number> {
    return (await this.#call({ type: 'cache.deleteMany', keys, wait: options?.wait }, options, CHANGE))
      .deleted;
  }

  /** Gives the value a new time to live, counted from now; false when there is no value. */
  async touch(key: string, ttl?: Ttl, options?: ChangeOptions): Promise<boolean> {
    return (await this.#call({ type: 'cache.touch', key, ttl, wait: options?.wait }, options, CHANGE))
      .existed;
  }

  /** Adds to a whole number, which begins at 0 with the given TTL; an existing one keeps its own. NOT_A_NUMBER else. */
  async increment(key: string, by = 1, options?: WriteOptions): Promise<number> {
    const { ttl, wait } = options ?? {};
    const message = { type: 'cache.increment', key, by, ttl, wait } as const;
    return (await this.#call(message, options, WRITE)).value;
  }

  /**
   * Everything that was stored with one of these tags is gone, in whatever namespace or view, however many there are: one small
   * change. Throws INVALID_OPTION.
   */
  invalidateTags(tags: string | readonly string[], options?: ChangeOptions): Promise<Accepted> {
    const message = { type: 'cache.invalidateTags', tags: listOf(tags), wait: options?.wait } as const;
    return this.#call(message, options, CHANGE);
  }

  /** The same, but what has grace is stale and not gone: `getOrSet` loads it anew, and falls back on it. */
  expireTags(tags: string | readonly string[], options?: ChangeOptions): Promise<Accepted> {
    const message = { type: 'cache.expireTags', tags: listOf(tags), wait: options?.wait } as const;
    return this.#call(message, options, CHANGE);
  }

  /**
   * Deletes all keys with a prefix, or all; tells how many. That of a namespace (`users:`) is cleared by one small change, which
   * is told the number of those that this process held.
   */
  async clear(prefix?: string, options?: CallOptions): Promise<number> {
    return (await this.#call({ type: 'cache.clear', prefix }, options)).cleared;
  }

  /** All keys with a prefix, gathered page by page; for great numbers ask `cache.keys` for a page at a time. */
  async keys(prefix?: string, options?: CallOptions): Promise<string[]> {
    const keys = new Set<string>();
    let cursor: string | undefined;
    do {
      const page = await this.#call({ type: 'cache.keys', prefix, cursor }, options);
      for (const key of page.keys) keys.add(key);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return [...keys];
  }

  /**
   * The value, or what `load` returns when there is none: loaded once, however many ask at the same time, and stored.
   * When `load` rejects, all who wait reject with the same error and nothing is stored, unless there is something stale to
   * answer (`grace`). What it loaded is not stored either when the key was deleted or written meanwhile. `undefined` from
   * `load` means "there is none".
   */
  getOrSet<T>(key: string, load: Loader<T>, options?: LoadOptions): Promise<T> {
    return getOrSet(this.#parts, key, load, options);
  }

  /**
   * The values of many keys, those that are missing from one call of `load`: it is given the keys that nobody else loads, and
   * those that others load are waited for. What it leaves out has no value, is not stored, and is not in the result. When it
   * rejects, so does this, and all who wait for its keys. A deletion or a write meanwhile keeps that key alone from being
   * stored. However many keys it has, it is one load (`load.concurrency`).
   */
  getOrSetMany<T>(
    keys: readonly string[],
    load: BulkLoader<T>,
    options?: BulkLoadOptions<T>,
  ): Promise<Map<string, T>> {
    return getOrSetMany(this.#parts, keys, load, options);
  }

  /**
   * A view of this cache with keys of its own: those of everybody who gives the same context, in whatever order its properties
   * are. `context` is a plain object that JSON can hold; INVALID_KEY for what JSON cannot tell apart. A view within a view has
   * the context of both. Its keys are stored behind the SHA-256 of the context, which leaves 959 bytes for each.
   */
  for(context: object): Cache<Namespaces> {
    return new Cache(this.#unscoped, new Scope(context, this.#scope));
  }

  /**
   * A view of the keys that begin with the name of a namespace and a colon, without these: typed by its schema. What holds for
   * them is in the options (`namespaces`). A namespace of a view is a view of the namespace. Throws INVALID_OPTION for one that
   * was not declared, and within another namespace.
   */
  namespace<Name extends keyof Namespaces & string>(
    name: Name,
  ): Namespace<InputOf<Namespaces[Name]>, OutputOf<Namespaces[Name]>> {
    const { namespaces, namespace: around } = this.#unscoped;
    const namespace = namespaces.get(name);
    if (namespace === undefined)
      throw new UnderstudyError(
        'INVALID_OPTION',
        `namespace: expected one of ${namespaces.names.join(', ') || 'those in the options, where there are none'}, got ${shown(name)}`,
      );
    if (around !== undefined)
      throw new UnderstudyError('INVALID_OPTION', `namespace: expected none within ${around.name}`);
    // What it reads and writes is checked to be of these types.
    return new Cache({ ...this.#unscoped, namespace }, this.#scope) as Namespace<
      InputOf<Namespaces[Name]>,
      OutputOf<Namespaces[Name]>
    >;
  }

  /**
   * All keys with a prefix, each once, a page at a time. Every key that is there all the while is among them, unless the
   * iteration is `degraded`. Throws INVALID_OPTION.
   */
  scan(prefix?: string, options?: ScanOptions): Scan<string> {
    return scanKeys(this.#ref, prefix, options);
  }

  /** As {@link scan}, with the values. */
  entries<T = unknown>(prefix?: string, options?: ScanOptions): Scan<[key: string, value: T]> {
    return scanEntries(this.#ref, prefix, options);
  }

  /**
   * Stores what is missing, at a bounded rate: what has a value, or is being loaded, is left as it is. An entry that fails is
   * counted and reported; rejects only for bad input, when what it iterates over throws, and when the system stops.
   */
  warm(entries: WarmEntries | WarmKeys, options?: WarmOptions): Promise<WarmReport> {
    return warm({ mail: this.#ref, clock: this.#parts.clock }, entries, options);
  }

  #call<T extends CacheMessage['type']>(
    message: Extract<CacheMessage, { type: T }>,
    options: CallOptions | undefined,
    known = CALL,
  ): Promise<ReplyOf<CacheProtocol, T>> {
    return new Promise((resolve, reject) => {
      if (options !== undefined) checkOptions(options, known);
      this.#ref.post(message, resolve, reject, options);
    });
  }
}

const listOf = (tags: string | readonly string[]): readonly string[] =>
  typeof tags === 'string' ? [tags] : tags;

function shown(name: unknown): string {
  return typeof name === 'string' ? name.slice(0, 64) : `a ${typeof name}`;
}
