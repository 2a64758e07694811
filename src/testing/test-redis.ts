import { UnderstudyError } from '../runtime/errors.ts';
import { KeySpace } from '../wire/keys.ts';
import { UNREADABLE } from '../wire/stored.ts';
import type { Ttl } from '../wire/ttl.ts';
import type { Values } from '../wire/values.ts';
import { durationOf } from './duration.ts';
import { FAULTS, type FaultCode } from './redis/faults.ts';
import type { SimulatedRedis } from './redis/simulated-redis.ts';

/** What becomes of a stored value: bytes that mean nothing, half of what it was, or a key of another type. */
export type Corruption = 'garbage' | 'truncated' | 'list';

/** The simulated Redis of a test: faults to inject, and direct looks at what it holds, by the keys of the cache. */
export class TestRedis {
  readonly #redis: SimulatedRedis;
  readonly #space: KeySpace;
  readonly #values: Values;

  constructor(redis: SimulatedRedis, prefix: string, values: Values) {
    this.#values = values;
    this.#redis = redis;
    this.#space = new KeySpace(prefix);
  }

  /** It takes commands and answers none, until it is restored. */
  freeze(): void {
    this.#redis.freeze();
  }

  /**
   * It fails as the code says, or answers everything with an error of your own, until it is restored or fails otherwise.
   * Default: no connection is taken, and those that there were are closed. Throws INVALID_OPTION for an unknown code.
   */
  fail(fault: FaultCode | Error = 'ECONNREFUSED'): void {
    if (!(fault instanceof Error) && !Object.hasOwn(FAULTS, fault)) {
      const codes = Object.keys(FAULTS).join(', ');
      throw new UnderstudyError('INVALID_OPTION', `fail: expected an Error or one of ${codes}, got ${fault}`);
    }
    this.#redis.fail(fault);
  }

  /** Every answer takes so long, half of it until the command is carried out, until it is restored. 0: at once. */
  slow(delay: Ttl): void {
    this.#redis.slow(durationOf('slow', delay));
  }

  /** It is well again. What it was sent while it was frozen is carried out, as far as its senders still wait. */
  restore(): void {
    this.#redis.restore();
  }

  /** It loses everything: values, deletions it remembered, leases. */
  flush(): void {
    this.#redis.flush();
  }

  /** Spoils what is stored at a key. Throws INVALID_KEY when nothing is. */
  corrupt(key: string, how: Corruption = 'garbage'): void {
    const { keyspace } = this.#redis;
    const name = this.#space.data(key);
    const stored = keyspace.text(name);
    if (stored === undefined)
      throw new UnderstudyError('INVALID_KEY', 'corrupt: expected a key at which Redis holds a text');
    if (how === 'list') {
      keyspace.delete(name);
      keyspace.hash(name);
    } else if (how === 'truncated') keyspace.replace(name, stored.slice(0, stored.length >> 1));
    else keyspace.replace(name, '\ufffd'.repeat(stored.length));
  }

  /** Stores a text as another program would: as it stands, for ever. */
  put(key: string, text: string): void {
    this.#redis.keyspace.set(this.#space.data(key), text);
  }

  /** The value that is stored at a key; undefined for none, and for what cannot be read. */
  value<T = unknown>(key: string): T | undefined {
    const stored = this.stored(key);
    const value = stored === undefined ? UNREADABLE : this.#values.readAtOnce(key, stored);
    return value === UNREADABLE ? undefined : (value as T);
  }

  /** The text that is stored at a key, as it stands. */
  stored(key: string): string | undefined {
    return this.#redis.keyspace.text(this.#space.data(key));
  }

  /** Milliseconds that a key has left; undefined when there is none, or it lives for ever. */
  timeLeft(key: string): number | undefined {
    return this.#redis.keyspace.left(this.#space.data(key));
  }

  /** The keys that begin with a prefix, in their order; all of them without. */
  keys(prefix = ''): readonly string[] {
    const keys = this.#redis.keyspace.names().flatMap((name) => this.#space.user(name) ?? []);
    return keys.filter((key) => key.startsWith(prefix)).sort();
  }

  /** Whether a process holds the lease to load a key. */
  leased(key: string): boolean {
    return this.#redis.keyspace.has(this.#space.lease(key));
  }

  /** Replicas that confirm what is written, for those who `wait`. Default: 0. */
  get replicas(): number {
    return this.#redis.replicas;
  }

  set replicas(count: number) {
    this.#redis.replicas = count;
  }
}
