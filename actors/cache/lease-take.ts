import type { Envelope } from '../../src/runtime/envelope.ts';
import type { LeaseAnswer, LeaseRequest } from '../../src/tiers/lease.ts';
import type { QueuedLease } from './lease-batch.ts';
import type { Lease } from './lease-table.ts';

/** Asks Redis for a lease that is in force here. */
export class LeaseTake implements QueuedLease {
  readonly request: LeaseRequest;
  readonly #envelope: Envelope;
  readonly #done: (answer: LeaseAnswer | undefined) => void;

  /** For whoever asks by this envelope. `done` is told undefined when it was not sent, because nobody waits any more. */
  constructor(
    { key, token }: Lease,
    ttl: number,
    unreadable: string | undefined,
    envelope: Envelope,
    done: (answer: LeaseAnswer | undefined) => void,
  ) {
    this.request = { op: 'take', key, token, ttl, unreadable };
    this.#envelope = envelope;
    this.#done = done;
  }

  get wanted(): boolean {
    return this.#envelope.open;
  }

  settle(answer: LeaseAnswer): void {
    this.#done(answer);
  }

  dropped(): void {
    this.#done(undefined);
  }
}
