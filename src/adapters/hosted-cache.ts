import { UnderstudyError } from '../runtime/errors.ts';
import type { Cache } from '../system/cache.ts';
import { checkNames } from '../system/call-options.ts';
import type { Understudy } from '../system/understudy.ts';
import { MAX_TTL, type Ttl, ttlMilliseconds } from '../wire/ttl.ts';

/** What a store needs of the Understudy that it stands on; an `Understudy` of any protocol will do. */
export type Host = Pick<Understudy, 'cache' | 'stop'>;

/** Options of every store. */
export interface HostedOptions {
  /**
   * How long a value lives that the library stores without a TTL: milliseconds or a string like `'5m'`. Default: ten
   * years, the longest that Understudy keeps anything, as to these libraries no TTL means that it does not expire.
   */
  readonly ttl?: Ttl | undefined;
  /** Whether the end of the store is the end of the Understudy, too. Default: false; who made it stops it. */
  readonly ownsUnderstudy?: boolean;
}

const HOSTED: readonly string[] = ['ttl', 'ownsUnderstudy'];

/** The cache of an Understudy as a store of another library sees it. */
export class HostedCache {
  readonly cache: Cache;
  readonly #host: Host;
  readonly #owned: boolean;
  readonly #withoutTtl: number;

  /** Throws INVALID_OPTION and INVALID_TTL. `known`: options of this kind of store alone, all of them text. */
  constructor(host: Host, options: HostedOptions, known: readonly string[]) {
    checkNames(options, [...known, ...HOSTED]);
    for (const [name, value] of Object.entries(options)) {
      if (known.includes(name)) checkType(name, value, 'string');
    }
    const { ttl = MAX_TTL, ownsUnderstudy = false } = options;
    checkType('ownsUnderstudy', ownsUnderstudy, 'boolean');
    if (typeof host?.cache?.get !== 'function') throw refused('understudy', 'an Understudy', host);
    this.cache = host.cache;
    this.#host = host;
    this.#owned = ownsUnderstudy;
    this.#withoutTtl = ttlMilliseconds(ttl);
  }

  /**
   * The TTL for what a library gave as one. None and 0 mean none to all of them; a fraction and what is already over
   * are as much a time as any other; what is longer than Understudy can keep a value is cut to that.
   */
  lifetime(ttl: Ttl | undefined): number {
    if (ttl === undefined || ttl === 0) return this.#withoutTtl;
    return ttlMilliseconds(typeof ttl === 'number' ? Math.min(Math.max(Math.ceil(ttl), 1), MAX_TTL) : ttl);
  }

  /** The library has done with the store. */
  async release(): Promise<void> {
    if (this.#owned) await this.#host.stop();
  }
}

function checkType(name: string, value: unknown, expected: 'string' | 'boolean'): void {
  if (value !== undefined && typeof value !== expected) throw refused(name, `a ${expected}`, value);
}

function refused(name: string, expected: string, given: unknown): UnderstudyError {
  const type = given === null ? 'null' : typeof given;
  return new UnderstudyError('INVALID_OPTION', `${name}: expected ${expected}, got ${type}`);
}
