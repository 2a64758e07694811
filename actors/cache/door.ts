import { UnderstudyError } from '../../src/runtime/errors.ts';
import { checkKey } from '../../src/wire/keys.ts';
import type { Extras } from '../../src/wire/stored.ts';
import { checkedTags } from '../../src/wire/tags.ts';
import { type Ttl, ttlMilliseconds } from '../../src/wire/ttl.ts';
import type { Values } from '../../src/wire/values.ts';
import type { CacheMessage } from './messages.ts';

export interface DoorOptions {
  /** Milliseconds, for values that come without a TTL, where their namespace says nothing else. */
  readonly ttl: number;
}

/** More than any sensible group has: a mistaken number, as of milliseconds, is told from a wish. */
const MOST_REPLICAS = 64;

/** Characters of what a source calls a version. */
const MAX_ETAG = 1_024;

type Loaded = Extract<CacheMessage, { type: 'cache.fulfil' }>;

function whole(name: string, given: number | undefined): void {
  if (given === undefined || (Number.isSafeInteger(given) && given >= 0)) return;
  throw new UnderstudyError(
    'INVALID_MESSAGE',
    `${name}: expected whole milliseconds, got ${typeof given === 'number' ? given : `a ${typeof given}`}`,
  );
}

/** Where bad input is refused, before anything has changed. */
export class Door {
  readonly #options: DoorOptions;
  readonly #values: Values;

  constructor(options: DoorOptions, values: Values) {
    this.#options = options;
    this.#values = values;
  }

  /** Milliseconds to live. */
  ttl(ttl: Ttl | undefined, key: string): number {
    if (ttl !== undefined) return ttlMilliseconds(ttl);
    return this.#values.namespaces.of(key)?.ttl ?? this.#options.ttl;
  }

  /** Milliseconds that a value is kept after it was fresh. */
  grace(grace: Ttl | undefined, key: string): number | undefined {
    if (grace !== undefined) return ttlMilliseconds(grace, 'grace');
    return this.#values.namespaces.of(key)?.grace;
  }

  /** What else is said of a loaded value; undefined for nothing. */
  extras({
    key,
    value,
    grace: given,
    took,
    etag,
    modified,
    tags: names,
    absent,
  }: Loaded): Extras | undefined {
    const tags = this.tags(names);
    if (absent && value !== undefined)
      throw new UnderstudyError('INVALID_MESSAGE', 'absent: expected no value beside it, got one');
    whole('took', took);
    whole('modified', modified);
    if (etag !== undefined && (typeof etag !== 'string' || etag.length > MAX_ETAG))
      throw new UnderstudyError(
        'INVALID_MESSAGE',
        `etag: expected a string of at most ${MAX_ETAG} characters`,
      );
    if (absent) return tags === undefined ? { absent } : { absent, tags };
    const grace = this.grace(given, key);
    if ((grace ?? took ?? etag ?? modified ?? tags) === undefined) return undefined;
    return {
      ...(grace === undefined ? {} : { grace }),
      ...(tags === undefined ? {} : { tags }),
      ...(took === undefined ? {} : { took }),
      ...(etag === undefined ? {} : { etag }),
      ...(modified === undefined ? {} : { modified }),
    };
  }

  /** The encoded value. */
  encode(key: string, value: unknown): string {
    return this.#values.encode(key, value);
  }

  /** Tags that a value is given; undefined for none. */
  tags(...lists: (readonly string[] | undefined)[]): readonly string[] | undefined {
    let all: readonly string[] | undefined;
    for (const tags of lists) {
      if (tags === undefined) continue;
      checkedTags(tags);
      all = all === undefined ? tags : [...all, ...tags];
    }
    return all === undefined || all.length === 0 ? undefined : checkedTags(all);
  }

  /** A prefix is any string that could begin a key; the empty one means all keys. */
  prefix(prefix: string | undefined): string {
    if (prefix === undefined || prefix === '') return '';
    checkKey(prefix);
    return prefix;
  }

  keys(keys: readonly string[]): void {
    if (!Array.isArray(keys)) throw new UnderstudyError('INVALID_MESSAGE', 'keys: expected an array of keys');
    for (const key of keys) checkKey(key);
  }

  /** How many replicas must confirm a change. */
  wait(wait: number | undefined): number {
    if (wait === undefined) return 0;
    if (Number.isInteger(wait) && wait >= 0 && wait <= MOST_REPLICAS) return wait;
    throw new UnderstudyError(
      'INVALID_OPTION',
      `wait: expected a whole number from 0 to ${MOST_REPLICAS}, got ${typeof wait === 'number' ? wait : `a ${typeof wait}`}`,
    );
  }

  /** How much to add. Counters are whole numbers, so that every tier adds alike. */
  step(by: number | undefined): number {
    if (by === undefined) return 1;
    if (Number.isSafeInteger(by)) return by;
    throw new UnderstudyError(
      'INVALID_VALUE',
      `by: expected a whole number, got ${typeof by === 'number' ? by : typeof by}`,
    );
  }
}
