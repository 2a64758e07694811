import type { Lateness } from '../../src/runtime/envelope.ts';
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
}

/** One change, from its arrival until it is accepted or refused. */
export class Change implements QueuedWrite, Lateness {
  readonly write: Write;
  readonly writer: Writer;
  readonly wait: number;
  /** Whether memory held the key when the change came. */
  existedHere = false;
  /** The journal's change of the same key that this one took the place of. */
  displaced: Write | undefined;
  /** Its maker has been answered, at the deadline, before Redis was heard of. */
  answeredLate = false;
  readonly #owner: ChangeOwner;
  #settled = false;

  constructor(write: Write, writer: Writer, owner: ChangeOwner, wait: number) {
    this.write = write;
    this.writer = writer;
    this.#owner = owner;
    this.wait = wait;
  }

  get wanted(): boolean {
    return !this.answeredLate;
  }

  settle(outcome: Outcome): void {
    this.#settled = true;
    this.#owner.ended(this, outcome);
  }

  late(): void {
    if (this.#settled || this.answeredLate) return;
    this.answeredLate = true;
    this.#owner.overdue(this);
  }

  /** Tells its maker that it is accepted. Redis is the tier that makes it durable. */
  accept(outcome: Outcome, tier: TierName, degraded: boolean): void {
    const done = outcome.status === 'done' ? outcome : undefined;
    const { version } = this.write;
    const accepted =
      this.wait === 0
        ? { tier, degraded, durable: tier === 'redis', version }
        : this.#counted(tier, degraded, done?.replicas ?? 0);
    this.writer.accepted(accepted, this.existedHere || done?.existed === true, done?.value ?? 0);
  }

  /** Redis alone does not make it durable: as many replicas as were asked for must have it. */
  #counted(tier: TierName, degraded: boolean, replicas: number): Accepted {
    const durable = tier === 'redis' && replicas >= this.wait;
    return { tier, degraded, durable, version: this.write.version, replicas };
  }
}
