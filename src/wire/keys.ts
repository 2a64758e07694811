import { UnderstudyError } from '../runtime/errors.ts';
import { isMarker, markerName, markerOf } from './marker.ts';

/** Longest key, in UTF-8 bytes. */
const MAX_KEY_BYTES = 1024;

/** Marks the companion key that remembers a deletion. */
const TOMBSTONE = '~tombstone:';
/** Marks the companion key that remembers which late increments were made. */
const APPLIED = '~applied:';
/** Marks the slips that note which increments of a batch were made. */
const RECEIPT = '~receipt:';
/** Marks the companion key of a lease. */
const LEASE = '~lease:';
const PROBE = '~probe';
const CLEARINGS = '~clearings';
const ESCAPED = /^~|[%{}]/;
const BRACES = /[%{}]/g;
/** Redis Cluster hashes what stands between the first opening brace and the first closing one after it. */
const HASH_TAG = /^[^{]*\{[^}]+\}/;
const GLOB = /[*?[\]\\^-]/g;

/** Refuses what cannot be a key: anything but a non-empty, well-formed string of at most 1 KiB. */
export function checkKey(key: unknown): asserts key is string {
  if (typeof key !== 'string') throw invalid(key === null ? 'null' : `a value of type ${typeof key}`);
  if (key.length === 0) throw invalid('an empty string');
  // A UTF-16 unit is at most 3 bytes of UTF-8, so short keys need no counting.
  if (key.length * 3 > MAX_KEY_BYTES) {
    const bytes = Buffer.byteLength(key);
    if (bytes > MAX_KEY_BYTES) throw invalid(`a string of ${bytes} bytes`);
  }
  // Lone surrogates all turn into the same replacement character in UTF-8: two keys would become one.
  if (!key.isWellFormed()) throw invalid('a string with a lone surrogate');
}

function invalid(given: string): UnderstudyError {
  return new UnderstudyError(
    'INVALID_KEY',
    `key: expected a non-empty, well-formed string of at most ${MAX_KEY_BYTES} UTF-8 bytes, got ${given}`,
  );
}

/**
 * The mapping between a user's keys and Redis keys: prefix + key, with `%`, `{`, `}` and a leading `~` percent-encoded.
 * Without braces in it a key can stand as the hash tag of its companions, which keeps them in its slot on a Cluster; what
 * begins with `~` is ours.
 */
export class KeySpace {
  readonly prefix: string;
  readonly #tagged: boolean;

  /** Throws INVALID_CONFIG for a prefix with lone surrogates, or with braces that are no hash tag. */
  constructor(prefix: string) {
    this.prefix = prefix;
    this.#tagged = HASH_TAG.test(prefix);
    if (prefix.isWellFormed() && (this.#tagged || !/[{}]/.test(prefix))) return;
    throw new UnderstudyError(
      'INVALID_CONFIG',
      'prefix: expected well-formed text, its first braces being a hash tag like {app} if it has any',
    );
  }

  /** Redis key of the value. */
  data(key: string): string {
    if (isMarker(key)) return this.prefix + markerName(key).replace(BRACES, percent);
    return this.prefix + (ESCAPED.test(key) ? escaped(key) : key);
  }

  /** Redis key that remembers the version of a deletion. */
  tombstone(key: string): string {
    return this.#companion(TOMBSTONE, this.data(key));
  }

  /** Redis key that remembers which late increments of a key were made. */
  applied(key: string): string {
    return this.#companion(APPLIED, this.data(key));
  }

  /** Redis key of a slip. `tag` takes it to the slot of the keys that it is about, on a Cluster. */
  receipt(receipt: string, tag?: string): string {
    return this.prefix + RECEIPT + (tag === undefined || this.#tagged ? receipt : `{${tag}}:${receipt}`);
  }

  /** Redis key of the lease to load the value. */
  lease(key: string): string {
    return this.#companion(LEASE, this.data(key));
  }

  /** The user's key behind the Redis key of a lease. */
  leased(leaseKey: string): string | undefined {
    const data = leaseKey.slice(this.prefix.length + LEASE.length).replace(/^\{(.*)\}$/s, '$1');
    const key = this.user(data);
    return key !== undefined && this.lease(key) === leaseKey ? key : undefined;
  }

  #companion(mark: string, data: string): string {
    // With a hash tag in the prefix every key shares one slot already, and the first tag of a key is what counts.
    return this.prefix + mark + (this.#tagged ? data : `{${data}}`);
  }

  /** Redis key that a probe writes to see whether writes are taken. */
  probe(): string {
    return `${this.prefix}${PROBE}`;
  }

  /** Channel on which those who cannot have the server track changes are told of them. */
  announcements(): string {
    return `${this.prefix}~changes`;
  }

  /** Channel of one listener's own, to see whether it still hears. */
  heartbeat(listener: string): string {
    return `${this.prefix}~heartbeat:${listener}`;
  }

  /** Redis key of the prefixes that were cleared, and when. */
  clearings(): string {
    return `${this.prefix}${CLEARINGS}`;
  }

  /** The user's key behind a Redis key, or undefined when no key of the user's is stored there. */
  user(dataKey: string): string | undefined {
    if (!dataKey.startsWith(this.prefix)) return undefined;
    const rest = dataKey.slice(this.prefix.length);
    if (rest === '') return undefined;
    if (!ESCAPED.test(rest)) return rest;
    const key = unescaped(rest);
    // Our own companions, and what somebody else wrote below the prefix, are not what a key is written as.
    return this.data(key) === dataKey ? key : undefined;
  }

  /** The key behind the Redis key of a marker, or undefined for anything else. */
  marker(name: string): string | undefined {
    return name.startsWith(this.prefix) ? markerOf(unescaped(name.slice(this.prefix.length))) : undefined;
  }

  /** Begin the Redis keys of all markers. */
  markers(): string[] {
    return ['tag:', 'namespace:'].map((kind) => `${this.prefix}~${kind}`);
  }

  /** SCAN pattern for all of the user's keys with this prefix, matched literally. */
  pattern(prefix: string): string {
    return `${this.data(prefix).replace(GLOB, '\\$&')}*`;
  }

  /** SCAN pattern for the leases of all of those keys. */
  leasePattern(prefix: string): string {
    return `${this.lease(prefix).replace(/\}$/, '').replace(GLOB, '\\$&')}*`;
  }
}

function escaped(key: string): string {
  return key.replace(/^~|[%{}]/g, percent);
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function unescaped(name: string): string {
  return name.replace(/%(25|7B|7D|7E)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
