import type { Envelope, Lateness } from '../../src/runtime/envelope.ts';
import type { LeaseAnswer, LeaseRequest } from '../../src/tiers/lease.ts';
import type { Write } from '../../src/tiers/tier.ts';
import type { QueuedLease } from './lease-batch.ts';
import { type Lease, tell } from './lease-table.ts';
import type { Mailbox } from './mailbox.ts';
import type { RemoteLeases } from './remote-leases.ts';
import type { CacheState } from './state.ts';
import type { Tally } from './tally.ts';
import { type Shape, SingleWriter } from './writer.ts';
import type { Writes } from './writes.ts';

type Loaded = Extract<Write, { op: 'set' }>;

export interface FulfilmentsParts {
  readonly state: CacheState;
  readonly tally: Tally;
  readonly writes: Writes;
  readonly mailbox: Mailbox;
  readonly remote: RemoteLeases;
}

/** Stores what was loaded under a lease: in Redis, if the lease is still good there, and only then in memory. */
export class Fulfilments {
  readonly #parts: FulfilmentsParts;

  constructor(parts: FulfilmentsParts) {
    this.#parts = parts;
  }

  /** False when Redis is not to be asked. */
  take(lease: Lease, write: Loaded, envelope: Envelope): boolean {
    const { remote } = this.#parts;
    if (!remote.usable) return false;
    const fulfilment = new Fulfilment(lease, write, envelope, this);
    envelope.lateness = fulfilment;
    remote.send(fulfilment, envelope.trace);
    return true;
  }

  stored({ write, lease, envelope }: Fulfilment): void {
    const { state, tally, mailbox } = this.#parts;
    mailbox.recency.changed(write.key);
    state.memory.applyLate(write);
    state.journal.outdate(write.key, write.version);
    state.keyWatch?.changed(write);
    state.archive?.changed(write);
    tally.count('set', 'redis', true);
    if (state.keyEvents.active)
      state.keyEvents.emit('set', { key: write.key, tier: 'redis', degraded: false, durable: true });
    tell(lease, (waiter) => waiter.loaded(write.stored));
    envelope.reply({
      stored: true,
      tier: 'redis',
      degraded: false,
      durable: true,
      version: write.version,
    });
  }

  /** Those who wait may have asked after the change that voided it. */
  refused({ write, lease, envelope }: Fulfilment): void {
    envelope.reply({
      stored: false,
      tier: 'redis',
      degraded: false,
      durable: false,
      version: write.version,
    });
    tell(lease, (waiter) => waiter.retry());
  }

  /** Redis did not answer, or not in time: kept for later, when anything newer will stay; unless that is here already. */
  keep(fulfilment: Fulfilment): void {
    const { write, lease, envelope } = fulfilment;
    if (this.#parts.state.memory.version(write.key) > write.version) {
      this.refused(fulfilment);
      return;
    }
    tell(lease, (waiter) => waiter.loaded(write.stored));
    envelope.lateness = this.#parts.writes.keep(write, new SingleWriter(envelope, withStored));
  }

  confirmed(write: Write): void {
    this.#parts.state.journal.confirm(write);
  }
}

const withStored: Shape = (accepted) => ({ ...accepted, stored: true });

class Fulfilment implements QueuedLease, Lateness {
  readonly request: LeaseRequest;
  readonly lease: Lease;
  readonly write: Loaded;
  readonly envelope: Envelope;
  readonly #owner: Fulfilments;
  #kept = false;
  #settled = false;

  constructor(lease: Lease, write: Loaded, envelope: Envelope, owner: Fulfilments) {
    const { key, token, shared } = lease;
    const { stored, ttl } = write;
    this.request = { op: 'fulfil', key, token, stored, ttl, granted: shared };
    this.lease = lease;
    this.write = write;
    this.envelope = envelope;
    this.#owner = owner;
  }

  get wanted(): boolean {
    return !this.#kept;
  }

  settle({ status }: LeaseAnswer): void {
    this.#settled = true;
    if (this.#kept) {
      if (status === 'stored') this.#owner.confirmed(this.write);
    } else if (status === 'stored') this.#owner.stored(this);
    else if (status === 'void') this.#owner.refused(this);
    else this.#owner.keep(this);
  }

  dropped(): void {}

  late(): void {
    if (this.#settled || this.#kept) return;
    this.#kept = true;
    this.#owner.keep(this);
  }
}
