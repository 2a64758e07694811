import type { Lateness } from '../../src/runtime/envelope.ts';
import { keepShape } from '../../src/runtime/keep-shape.ts';
import type { Outcome, TierName, Write } from '../../src/tiers/tier.ts';
import type { QueuedWrite } from './group.ts';
import type { Accepted } from './messages.ts';
import type { Writer } from './writer.ts';

/** Whoever sees a change through. */
export interface ChangeOwner {
  /** Redis has told how it ended. */
  ended(change: Change, outcome: Outcome): void;
  /** Nobody can wait longer for Redis. */
  overdue(change: Change): void;
  /** It is in the journal; nobody can wait longer for the journal's store. */
  unsecured(change: Change): void;
}

/** One change, from its arrival until it is accepted or refused. */
export class Change implements QueuedWrite, Lateness {
  write: Write;
  readonly writer: Writer;
  readonly wait: number;
  /** Whether memory held the key when the change came. */
  existedHere = false;
  /** The journal's change of the same key that this one took the place of. */
  displaced: Write | undefined;
  /** Its maker has been answered, at the deadline, before Redis was heard of. */
  answeredLate = false;
  /** How it ended in memory, while it waits for the store of the journal. */
  journaled: Outcome | undefined;
  readonly #owner: ChangeOwner;
  #settled = false;

  constructor(write: Write, writer: Writer, owner: ChangeOwner, wait = 0) {
    this.write = write;
    this.writer = writer;
    this.#owner = owner;
    this.wait = wait;
  }

  get wanted(): boolean {
    return !this.answeredLate;
  }

  /** It is about to be sent: from now on Redis may have made it, and the slip knows. */
  sentWith(receipt: string): void {
    const { write } = this;
    if (write.op !== 'increment') return;
    const { op, key, version, ttl, fresh, by, guard, floor } = write;
    this.write = { op, key, version, ttl, fresh, by, receipt, guard, floor };
  }

  settle(outcome: Outcome): void {
    this.#settled = true;
    this.#owner.ended(this, outcome);
  }

  late(): void {
    if (this.journaled !== undefined) {
      this.#owner.unsecured(this);
      return;
    }
    if (this.#settled || this.answeredLate) return;
    this.answeredLate = true;
    this.#owner.overdue(this);
  }

  /** Tells its maker that it is accepted. `durable`: Redis has confirmed it, or a store of the journal. */
  accept(outcome: Outcome, tier: TierName, degraded: boolean, durable: boolean): void {
    // One of many may be answered before the deadline of all of them: it is not overdue then.
    this.#settled = true;
    const done = outcome.status === 'done' ? outcome : undefined;
    const { version } = this.write;
    const accepted =
      this.wait === 0
        ? { tier, degraded, durable, version }
        : this.#counted(tier, degraded, durable, done?.replicas ?? 0);
    this.writer.accepted(accepted, this.existedHere || done?.existed === true, done?.value ?? 0);
  }

  /** Redis alone does not make it durable: as many replicas as were asked for must have it. The journal's store does. */
  #counted(tier: TierName, degraded: boolean, kept: boolean, replicas: number): Accepted {
    const durable = kept && (tier !== 'redis' || replicas >= this.wait);
    return { tier, degraded, durable, version: this.write.version, replicas };
  }
}

const nobody = (): void => {};
keepShape(
  new Change(
    { op: 'delete', key: '', version: '' },
    { accepted: nobody, refused: nobody },
    { ended: nobody, overdue: nobody, unsecured: nobody },
  ),
);
