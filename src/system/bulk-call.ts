import type { CacheMessage, CacheProtocol } from '../../actors/cache/messages.ts';
import { isUnderstudyError, UnderstudyError } from '../runtime/errors.ts';
import { inParallel } from '../runtime/in-parallel.ts';
import type { ReplyOf } from '../runtime/protocol.ts';
import type { Namespace } from '../wire/namespaces.ts';
import type { Ttl } from '../wire/ttl.ts';
import type { BulkLoader, BulkLoadOptions } from './bulk-loader.ts';
import type { CacheMail } from './cache-mail.ts';
import { seen } from './run-load.ts';

/** Keys of one message. */
const WIDTH = 1_024;
/** Of the mailbox, which one message may not have for itself. */
const SHARE = 4;

/** Codes of errors for which a value, its TTL or its tags are to blame. */
const UNFIT: readonly string[] = ['INVALID_VALUE', 'INVALID_TTL', 'INVALID_OPTION'];

type AcquireMany = Extract<CacheMessage, { type: 'cache.acquireMany' }>;

/** Keys by which there is something to load, each with its lease. */
type Leases = Map<string, string>;

/** What was answered, but for the values. */
interface Acquired {
  readonly leases: Leases;
  /** Keys that others load, in this process and in others. */
  readonly here: string[];
  readonly elsewhere: string[];
}

export interface BulkCallParts<T> {
  readonly mail: CacheMail;
  readonly load: BulkLoader<T>;
  readonly options: Pick<BulkLoadOptions<T>, 'ttl' | 'tags'>;
  /** Aborts when the caller gives up, with the error that it is to be told. */
  readonly over: AbortSignal;
  /** To which all of its keys belong. */
  readonly namespace: Namespace | undefined;
}

/**
 * One call of `getOrSetMany`. What it holds leases of is loaded while it waits for what others load, never after: two calls
 * that want each other's keys would wait for ever. A lease that others give up while it waits is loaded in another round.
 */
export class BulkCall<T> {
  readonly #mail: CacheMail;
  readonly #load: BulkLoader<T>;
  readonly #options: BulkCallParts<T>['options'];
  readonly #over: AbortSignal;
  readonly #namespace: Namespace | undefined;
  readonly #width: number;
  readonly #values = new Map<string, T>();
  #ended = false;

  constructor({ mail, load, options, over, namespace }: BulkCallParts<T>) {
    this.#namespace = namespace;
    this.#mail = mail;
    this.#load = load;
    this.#options = options;
    this.#over = over;
    this.#width = Math.max(1, Math.min(WIDTH, Math.floor(mail.capacity / SHARE)));
  }

  /** The values that there are, in the order of the keys. */
  async run(keys: ReadonlySet<string>): Promise<Map<string, T>> {
    const { promise: failed, reject } = Promise.withResolvers<never>();
    const giveUp = (): void => reject(this.#over.reason);
    this.#over.addEventListener('abort', giveUp, { once: true });
    try {
      this.#over.throwIfAborted();
      // The first failure is told at once, whatever else is under way.
      await Promise.race([this.#all([...keys], reject), failed]);
    } finally {
      this.#ended = true;
      this.#over.removeEventListener('abort', giveUp);
    }
    const found = new Map<string, T>();
    for (const key of keys) {
      const value = this.#values.get(key);
      if (value !== undefined) found.set(key, value);
    }
    return found;
  }

  async #all(keys: readonly string[], onFailure: (error: unknown) => void): Promise<void> {
    const { leases, here, elsewhere } = await this.#acquire(keys);
    const [lease] = leases.values();
    const wait = (part: readonly string[]): Promise<void> => this.#await(part, lease).catch(onFailure);
    await Promise.all([
      this.#loadAll(leases),
      // Who loads here tells all who wait. Of what is loaded elsewhere Redis is asked again and again: of so many keys at a time.
      inParallel(this.#parts(here), this.#width, wait),
      inParallel(this.#parts(elsewhere), 1, wait),
    ]);
  }

  /** Finds what there is, and takes the leases of the rest but for those that others have. */
  async #acquire(keys: readonly string[]): Promise<Acquired> {
    const all: Acquired = { leases: new Map(), here: [], elsewhere: [] };
    try {
      for (const part of this.#parts(keys)) {
        this.#over.throwIfAborted();
        // With a lease that it has, all of them are one load, which has its slot already.
        const [lease] = all.leases.values();
        const { leases, here, elsewhere } = await this.#ask({ keys: part, lease });
        for (const [key, granted] of leases) all.leases.set(key, granted);
        all.here.push(...here);
        all.elsewhere.push(...elsewhere);
      }
      this.#over.throwIfAborted();
    } catch (error) {
      this.#abandon(all.leases, undefined);
      throw error;
    }
    return all;
  }

  /** Waits for what others load, and loads what they leave: without a slot of its own, while the first load with `lease` runs. */
  async #await(keys: readonly string[], lease: string | undefined): Promise<void> {
    let waiting = keys;
    while (waiting.length > 0 && !this.#ended) {
      const { leases, here, elsewhere } = await this.#ask({ keys: waiting, lease, patient: true });
      await this.#loadAll(leases);
      waiting = [...here, ...elsewhere];
    }
  }

  async #ask(request: Omit<AcquireMany, 'type'>): Promise<Acquired> {
    const message: CacheMessage = { type: 'cache.acquireMany', ...request };
    // The caller's own patience is what counts.
    const answers = await this.#mail.ask<ReplyOf<CacheProtocol, 'cache.acquireMany'>>(message, {
      deadline: Infinity,
    });
    const acquired: Acquired = { leases: new Map(), here: [], elsewhere: [] };
    for (const [at, key] of request.keys.entries()) {
      const answer = answers[at];
      if (answer === undefined) continue;
      if (answer.found) this.#values.set(key, answer.value as T);
      else if ('lease' in answer) acquired.leases.set(key, answer.lease);
      else if ('held' in answer) acquired[answer.tier === 'redis' ? 'elsewhere' : 'here'].push(key);
    }
    return acquired;
  }

  #parts(keys: readonly string[]): string[][] {
    const parts: string[][] = [];
    for (let from = 0; from < keys.length; from += this.#width)
      parts.push(keys.slice(from, from + this.#width));
    return parts;
  }

  /** Runs the loader, once, and reports of each key how it went. */
  async #loadAll(leases: Leases): Promise<void> {
    if (leases.size === 0) return;
    if (this.#ended) {
      this.#abandon(leases, undefined);
      return;
    }
    let loaded: Map<string, T>;
    try {
      loaded = received(await this.#load([...leases.keys()], { signal: this.#over }), leases);
    } catch (thrown) {
      // Without a reason the leases would be handed on, and each who waits would load in turn.
      const reason =
        thrown ?? new UnderstudyError('LOAD_FAILED', 'getOrSetMany: the loader rejected without saying why');
      // That this caller gave up, and its loader with it, is no failure of the others.
      this.#abandon(leases, this.#over.aborted ? undefined : reason);
      throw reason;
    }
    const unfit: unknown[] = [];
    await inParallel(leases, this.#width, async ([key, lease]) => {
      const error = await this.#fulfil(key, lease, loaded.get(key));
      if (error !== undefined) unfit.push(error);
    });
    if (unfit.length > 0) throw unfit[0];
  }

  /** Tells why the value is no good, where it is not. */
  async #fulfil(key: string, lease: string, value: T | undefined): Promise<unknown> {
    try {
      const terms = value === undefined ? {} : this.#termsOf(key, value);
      const message: CacheMessage = { type: 'cache.fulfil', key, lease, value, ...terms };
      await this.#mail.ask(message);
    } catch (error) {
      const unfit = !isUnderstudyError(error) || UNFIT.includes(error.code);
      this.#abandon([[key, lease]], unfit ? error : undefined);
      if (unfit) return error;
      // The value is loaded and good: that it could not be kept is no reason to withhold it, and the next may load.
    }
    if (value !== undefined) this.#values.set(key, seen(this.#namespace, value));
    return undefined;
  }

  #termsOf(key: string, value: T): { ttl: Ttl | undefined; tags: readonly string[] | undefined } {
    const { ttl, tags } = this.#options;
    return {
      ttl: typeof ttl === 'function' ? ttl(key, value) : ttl,
      tags: typeof tags === 'function' ? tags(key, value) : tags,
    };
  }

  #abandon(leases: Iterable<readonly [string, string]>, reason: unknown): void {
    for (const [key, lease] of leases) this.#mail.send({ type: 'cache.abandon', key, lease, reason });
  }
}

/** What a loader gave, as far as it is what it was asked for. */
function received<T>(given: unknown, leases: Leases): Map<string, T> {
  if (typeof given !== 'object' || given === null || !(Symbol.iterator in given)) {
    const kind = given === null ? 'null' : `a value of type ${typeof given}`;
    throw new UnderstudyError(
      'INVALID_VALUE',
      `load: expected a Map or an iterable of [key, value] to come of it, got ${kind}`,
    );
  }
  const loaded = new Map<string, T>();
  for (const pair of given as Iterable<unknown>) {
    if (!Array.isArray(pair)) {
      throw new UnderstudyError('INVALID_VALUE', `load: expected [key, value] each, got a ${typeof pair}`);
    }
    loaded.set(pair[0], pair[1]);
  }
  const strangers = [...loaded.keys()].filter((key) => !leases.has(key)).length;
  if (strangers === 0) return loaded;
  throw new UnderstudyError(
    'INVALID_VALUE',
    `load: expected values of the keys that it was given and no others, got ${strangers} of other keys`,
  );
}
