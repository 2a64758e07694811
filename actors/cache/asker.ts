import type { Envelope, Lateness, TraceContext } from '../../src/runtime/envelope.ts';
import { UnderstudyError } from '../../src/runtime/errors.ts';
import type { TierName } from '../../src/tiers/tier.ts';
import { readValue, UNREADABLE } from '../../src/wire/stored.ts';
import type { Lease, LeaseWaiter } from './lease-table.ts';
import { type Reader, whole } from './reader.ts';

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
  /** It waits no longer. */
  left(asker: Asker, awaited: Awaited): void;
}

/** The asker of one `cache.acquire`. */
export class Asker implements Reader, LeaseWaiter, Lateness {
  readonly operation = 'acquire';
  readonly key: string;
  next: Reader | undefined = undefined;
  asOf = 0;
  heardOf = 0;
  /** Digest of what Redis has at the key: if it cannot be read this time either, it does not count. */
  unreadable: string | undefined;
  readonly #envelope: Envelope;
  readonly #host: AskerHost;
  #awaited: Awaited | undefined;

  constructor(key: string, envelope: Envelope, host: AskerHost) {
    this.key = key;
    this.#envelope = envelope;
    this.#host = host;
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
    if (value === UNREADABLE) this.#host.missed(this, { tier, degraded });
    else this.#envelope.reply(whole(value, tier, degraded));
  }

  waitFor(awaited: Awaited): void {
    this.#awaited = awaited;
    awaited.waiters.add(this);
  }

  granted(lease: Lease, leaseFor: number, { tier, degraded }: Source): void {
    this.#envelope.reply({ found: false, lease: lease.token, leaseFor, tier, degraded });
  }

  loaded(stored: string | undefined): void {
    this.#envelope.reply(whole(stored === undefined ? UNREADABLE : readValue(stored), 'memory', false));
  }

  failed(reason: unknown): void {
    this.#envelope.fail(reason);
  }

  retry(): void {
    this.#awaited = undefined;
    if (this.#envelope.open) this.#host.again(this);
  }

  late(): void {
    const awaited = this.#awaited;
    if (awaited?.waiters.delete(this)) this.#host.left(this, awaited);
    this.#envelope.fail(
      new UnderstudyError(
        'DEADLINE_EXCEEDED',
        'cache.acquire: the holder of the lease did not report within the deadline',
      ),
    );
  }
}
