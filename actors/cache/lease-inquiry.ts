import type { Envelope } from '../../src/runtime/envelope.ts';
import type { LeaseAnswer, LeaseRequest } from '../../src/tiers/lease.ts';
import type { QueuedLease } from './lease-batch.ts';

/** Asks Redis about a lease for whoever sent an envelope. */
export class LeaseInquiry implements QueuedLease {
  readonly request: LeaseRequest;
  readonly #envelope: Envelope;
  readonly #done: (answer: LeaseAnswer | undefined) => void;

  /** `done` is told undefined when it was not sent, because nobody waits any more. */
  constructor(request: LeaseRequest, envelope: Envelope, done: (answer: LeaseAnswer | undefined) => void) {
    this.request = request;
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
