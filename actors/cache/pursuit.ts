import type { LeaseAnswer, LeaseRequest } from '../../src/tiers/lease.ts';
import { Asker, type Awaited, type Source } from './asker.ts';
import type { QueuedLease } from './lease-batch.ts';
import type { LeaseWaiter } from './lease-table.ts';

/** The askers of one key which nobody in this process loads, until it is known who does. */
export class Pursuit implements Awaited {
  readonly key: string;
  readonly waiters = new Set<LeaseWaiter>();
  /** What its first asker found, or why Redis is not to be asked. */
  readonly source: Source;
  /** Digest of what Redis has at the key and does not count. */
  readonly discounted: string | undefined;
  /** Times that somebody else was found to have the lease. */
  attempts = 0;
  /** Monotonic milliseconds at which to look again; undefined while it is not another one's turn. */
  dueAt: number | undefined = undefined;
  /** The key was changed here since the lease was asked for. */
  overtaken = false;

  constructor(key: string, source: Source, discounted: string | undefined) {
    this.key = key;
    this.source = source;
    this.discounted = discounted;
  }

  /** Those that still wait; the others are forgotten. */
  askers(): Asker[] {
    const open: Asker[] = [];
    for (const waiter of this.waiters) {
      if (waiter instanceof Asker && waiter.open) open.push(waiter);
      else this.waiters.delete(waiter);
    }
    return open;
  }
}

export interface Attempt {
  readonly token: string;
  /** Orders what is loaded: below every change that comes after the lease was asked for. */
  readonly version: string;
}

/** Asks Redis once for the lease that a pursuit is after. */
export class PursuitRequest implements QueuedLease {
  readonly request: LeaseRequest;
  readonly #pursuit: Pursuit;
  readonly #done: (answer: LeaseAnswer | undefined) => void;

  /** `done` is told undefined when it was not sent, because nobody waits any more. */
  constructor(pursuit: Pursuit, request: LeaseRequest, done: (answer: LeaseAnswer | undefined) => void) {
    this.request = request;
    this.#pursuit = pursuit;
    this.#done = done;
  }

  get wanted(): boolean {
    return this.#pursuit.askers().length > 0;
  }

  settle(answer: LeaseAnswer): void {
    this.#done(answer);
  }

  dropped(): void {
    this.#done(undefined);
  }
}
