import { createHash } from 'node:crypto';
import type { Envelope, Lateness, TraceContext } from '../../src/runtime/envelope.ts';
import { UnderstudyError } from '../../src/runtime/errors.ts';
import type { Dependence } from '../../src/tiers/markers.ts';
import type { TierName } from '../../src/tiers/tier.ts';
import { extrasOf, UNREADABLE } from '../../src/wire/stored.ts';
import type { Lease, LeaseWaiter } from './lease-table.ts';
import type { CacheMessage, Found, NotFound, Timing } from './messages.ts';
import { type Kept, type Reader, whole, wholeStale } from './reader.ts';

/** Where an answer comes from. */
export interface Source {
  readonly tier: TierName;
  readonly degraded: boolean;
}

/** Something that askers wait for: a lease, or who is to have it. */
export interface Awaited {
  readonly waiters: Set<LeaseWaiter>;
}

/** Who finds out what an asker is to be told. */
export interface AskerHost {
  /** There is no value. */
  missed(asker: Asker, source: Source): void;
  /** Asks again from the start. */
  again(asker: Asker): void;
  /** Tells it what is there. */
  look(asker: Asker): void;
  /** Calls back with the value in a stored text. */
  open(key: string, stored: string, listener: (value: unknown) => void): void;
  /** It waits no longer. */
  left(asker: Asker, awaited: Awaited): void;
  /** How old what is known of a key is. */
  timing(key: string): Timing | undefined;
}

/** What an asker can do with what is there. */
export type AskerTerms = Pick<Extract<CacheMessage, { type: 'cache.acquire' }>, 'stale' | 'renew' | 'timing'>;

/** The asker of one `cache.acquire`. */
export class Asker implements Reader, LeaseWaiter, Lateness {
  readonly operation = 'acquire';
  readonly key: string;
  next: Reader | undefined = undefined;
  asOf = 0;
  heardOf = 0;
  turn = 0;
  alone = false;
  expects: Dependence | undefined = undefined;
  /** Digest of what Redis has at the key and does not count: it cannot be read, or is to be loaded anew. */
  discounted: string | undefined;
  readonly #envelope: Envelope;
  readonly #host: AskerHost;
  readonly #terms: AskerTerms;
  /** What is to be loaded anew. */
  #present: Kept | undefined;
  #awaited: Awaited | undefined;
  /** Why it will not get what is loaded: it takes what is there, or fails with that. */
  #setback: { readonly reason: unknown } | undefined;

  constructor(key: string, envelope: Envelope, host: AskerHost, terms: AskerTerms) {
    this.key = key;
    this.#envelope = envelope;
    this.#host = host;
    this.#terms = terms;
    envelope.lateness = this;
  }

  get open(): boolean {
    return this.#envelope.open;
  }

  get trace(): TraceContext | undefined {
    return this.#envelope.trace;
  }

  answer(value: unknown, tier: TierName, degraded: boolean): void {
    // Nobody waits any more: a lease granted now would keep the others waiting for nothing.
    if (!this.#envelope.open) return;
    if (value !== UNREADABLE) this.#reply(whole(value, tier, degraded));
    else if (this.#setback !== undefined) this.#envelope.fail(this.#setback.reason);
    else this.#host.missed(this, { tier, degraded });
  }

  stale(kept: Kept, tier: TierName, degraded: boolean): void {
    if (!this.#envelope.open) return;
    this.loadAnew(kept);
    if (this.#setback !== undefined) this.#useStale(tier, degraded);
    else this.#host.missed(this, { tier, degraded });
  }

  discount(stored: string): void {
    this.discounted = createHash('sha1').update(stored).digest('hex');
  }

  /** What is there is to be loaded anew, and is to be had meanwhile by those who can use it. */
  loadAnew(kept: Kept): void {
    this.#present = kept;
    this.discount(kept.stored);
  }

  /** Whether it has something to use, should it not get what is loaded. */
  get hasFallback(): boolean {
    return this.#present !== undefined && (this.#terms.stale ?? 'never') !== 'never';
  }

  waitFor(awaited: Awaited): void {
    this.#awaited = awaited;
    awaited.waiters.add(this);
  }

  /** Somebody else loads, or is to: who takes what is stale does not wait for that. */
  othersLoad(): void {
    if (this.#terms.renew) this.#leave({ found: false, tier: 'memory', degraded: false });
    else if (this.#terms.stale === 'now' && this.#present !== undefined) this.#useStale('memory', false);
  }

  /** Nobody is to load it for the time being. */
  backOff(): void {
    if (this.#terms.renew) this.#leave({ found: false, tier: 'memory', degraded: false });
    else this.#useStale('memory', false);
  }

  granted(lease: Lease, leaseFor: number, { tier, degraded }: Source): void {
    const present = this.#present;
    const value = present === undefined ? UNREADABLE : present.value;
    const leased = { found: false, lease: lease.token, leaseFor, tier, degraded };
    if (present === undefined || value === UNREADABLE || value === undefined) this.#envelope.reply(leased);
    else {
      const { etag, modified } = extrasOf(present.stored);
      this.#envelope.reply({ ...leased, stale: { value, etag, modified } });
    }
  }

  loaded(stored: string | undefined): void {
    if (stored === undefined) this.#reply(whole(UNREADABLE, 'memory', false));
    else this.#host.open(this.key, stored, (value) => this.#reply(whole(value, 'memory', false)));
  }

  failed(reason: unknown): void {
    if (this.hasFallback) this.#fallBack(reason);
    else this.#envelope.fail(reason);
  }

  retry(): void {
    this.#awaited = undefined;
    this.#present = undefined;
    if (this.#envelope.open) this.#host.again(this);
  }

  late(): void {
    this.#stopWaiting();
    this.failed(
      new UnderstudyError(
        'DEADLINE_EXCEEDED',
        'cache.acquire: the holder of the lease did not report within the deadline',
      ),
    );
  }

  /** Whatever is there now: what was there before may have been deleted during the load. */
  #fallBack(reason: unknown): void {
    this.#setback = { reason };
    this.#present = undefined;
    if (this.#envelope.open) this.#host.look(this);
  }

  #useStale(tier: TierName, degraded: boolean): void {
    const value = this.#present === undefined ? UNREADABLE : this.#present.value;
    this.#leave(wholeStale(value, tier, degraded));
  }

  #reply(answer: Found | NotFound): void {
    const timing = this.#terms.timing && answer.found ? this.#host.timing(this.key) : undefined;
    this.#envelope.reply(timing === undefined ? answer : { ...answer, timing });
  }

  #leave(answer: Found | NotFound): void {
    this.#stopWaiting();
    this.#envelope.reply(answer);
  }

  #stopWaiting(): void {
    const awaited = this.#awaited;
    if (awaited?.waiters.delete(this)) this.#host.left(this, awaited);
  }
}
