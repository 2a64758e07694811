import type { Clock, Timer } from '../../src/runtime/clock.ts';
import type { Envelope, Lateness } from '../../src/runtime/envelope.ts';
import { UnderstudyError } from '../../src/runtime/errors.ts';
import type { TierName, Write } from '../../src/tiers/tier.ts';
import { checkKey } from '../../src/wire/keys.ts';
import { readValue, UNREADABLE } from '../../src/wire/stored.ts';
import type { Lease, LeaseTable, LeaseWaiter } from './lease-table.ts';
import { type Reader, whole } from './reader.ts';
import type { Reads } from './reads.ts';

/** Milliseconds between looks for leases whose holders are gone. */
const SWEEP = 100;

/** Loads are leases: one asker a key is to load, the others wait for what it gets. */
export class Loads {
  readonly #leases: LeaseTable;
  readonly #reads: Reads;
  readonly #clock: Clock;
  #sweep: Timer | undefined;

  constructor(leases: LeaseTable, reads: Reads, clock: Clock) {
    this.#leases = leases;
    this.#reads = reads;
    this.#clock = clock;
    leases.forgetWaiters();
    if (leases.size > 0) this.#watch();
  }

  /** `cache.acquire`. */
  acquire(envelope: Envelope, key: string): void {
    checkKey(key);
    const asker = new Asker(key, envelope, this);
    const lease = this.#leases.current(key);
    if (lease === undefined) this.#reads.read(asker, envelope.trace);
    else asker.waitFor(lease);
  }

  /** There is no value: the asker loads it, or waits for the one who does. */
  missed(asker: Asker, tier: TierName, degraded: boolean): void {
    const current = this.#leases.current(asker.key);
    if (current !== undefined) {
      asker.waitFor(current);
      return;
    }
    const lease = this.#leases.grant(asker.key, this.#clock.monotonic());
    this.#watch();
    asker.granted(lease, this.#leases.ttl, tier, degraded);
  }

  /** Ends a lease whose holder reports. Its waiters must be told next. Undefined when it lapsed long ago. */
  end(key: string, token: unknown): Lease | undefined {
    checkKey(key);
    if (typeof token !== 'string') {
      throw new UnderstudyError(
        'INVALID_MESSAGE',
        `lease: expected the token of a lease, got a ${typeof token}`,
      );
    }
    return this.#leases.end(key, token);
  }

  /** `cache.abandon`. */
  abandon(envelope: Envelope, key: string, token: unknown, reason: unknown): void {
    const lease = this.end(key, token);
    if (lease !== undefined)
      tell(lease, (waiter) => (reason === undefined ? waiter.retry() : waiter.failed(reason)));
    envelope.reply({ abandoned: lease !== undefined });
  }

  /** A change that the lease in force did not make. */
  readonly changed = (write: Write): void => {
    if (this.#leases.size === 0) return;
    const lease = this.#leases.current(write.key);
    if (lease === undefined || write.op === 'touch') return;
    this.#leases.void(write.key);
    // Who waits for a value can have the one that was just written.
    if (write.op === 'set') tell(lease, (waiter) => waiter.loaded(write.stored));
  };

  cleared(prefix: string): void {
    this.#leases.voidPrefix(prefix);
  }

  /** Again from the start, for a waiter whose holder is gone. */
  again(asker: Asker): void {
    const lease = this.#leases.current(asker.key);
    if (lease === undefined) this.#reads.read(asker, undefined);
    else asker.waitFor(lease);
  }

  stop(): void {
    this.#clock.clearTimeout(this.#sweep);
  }

  #watch(): void {
    this.#sweep ??= this.#clock.setTimeout(() => {
      this.#sweep = undefined;
      for (const lease of this.#leases.lapse(this.#clock.monotonic()))
        tell(lease, (waiter) => waiter.retry());
      if (this.#leases.size > 0) this.#watch();
    }, SWEEP);
  }
}

/** Tells everybody who waits for a lease, once. */
export function tell(lease: Lease, news: (waiter: LeaseWaiter) => void): void {
  const waiters = [...lease.waiters];
  lease.waiters.clear();
  for (const waiter of waiters) news(waiter);
}

/** The asker of one `cache.acquire`. */
class Asker implements Reader, LeaseWaiter, Lateness {
  readonly operation = 'acquire';
  readonly key: string;
  next: Reader | undefined = undefined;
  asOf = 0;
  heardOf = 0;
  readonly #envelope: Envelope;
  readonly #loads: Loads;
  #waitsFor: Lease | undefined;

  constructor(key: string, envelope: Envelope, loads: Loads) {
    this.key = key;
    this.#envelope = envelope;
    this.#loads = loads;
    envelope.lateness = this;
  }

  get open(): boolean {
    return this.#envelope.open;
  }

  answer(value: unknown, tier: TierName, degraded: boolean): void {
    // Nobody waits any more: a lease granted now would keep the others waiting for nothing.
    if (!this.#envelope.open) return;
    if (value === UNREADABLE) this.#loads.missed(this, tier, degraded);
    else this.#envelope.reply(whole(value, tier, degraded));
  }

  waitFor(lease: Lease): void {
    this.#waitsFor = lease;
    lease.waiters.add(this);
  }

  granted(lease: Lease, leaseFor: number, tier: TierName, degraded: boolean): void {
    this.#envelope.reply({ found: false, lease: lease.token, leaseFor, tier, degraded });
  }

  loaded(stored: string | undefined): void {
    this.#envelope.reply(whole(stored === undefined ? UNREADABLE : readValue(stored), 'memory', false));
  }

  failed(reason: unknown): void {
    this.#envelope.fail(reason);
  }

  retry(): void {
    this.#waitsFor = undefined;
    if (this.#envelope.open) this.#loads.again(this);
  }

  late(): void {
    this.#waitsFor?.waiters.delete(this);
    this.#envelope.fail(
      new UnderstudyError(
        'DEADLINE_EXCEEDED',
        'cache.acquire: the holder of the lease did not report within the deadline',
      ),
    );
  }
}
