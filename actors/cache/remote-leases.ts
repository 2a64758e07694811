import type { TraceContext } from '../../src/runtime/envelope.ts';
import type { LeaseAnswer, LeaseRequest } from '../../src/tiers/lease.ts';
import type { QueuedLease } from './lease-batch.ts';
import type { Mailbox } from './mailbox.ts';
import type { CacheState } from './state.ts';

/** The leases in Redis, which all processes share. */
export class RemoteLeases {
  readonly #mailbox: Mailbox;
  readonly #state: CacheState;

  constructor(mailbox: Mailbox, state: CacheState) {
    this.#mailbox = mailbox;
    this.#state = state;
  }

  /** Whether Redis is to be asked; else each process is on its own. */
  get usable(): boolean {
    return this.#state.redisUp && !this.#mailbox.full;
  }

  send(queued: QueuedLease, trace: TraceContext | undefined): void {
    this.#mailbox.lease(queued, trace);
  }

  /** Gives one back, if it is still held. Where it gets lost on the way, the lease lapses by itself. */
  release(key: string, token: string, trace?: TraceContext): void {
    if (this.usable) this.#mailbox.lease(new Release(key, token), trace);
  }
}

class Release implements QueuedLease {
  readonly request: LeaseRequest;
  readonly wanted = true;

  constructor(key: string, token: string) {
    this.request = { op: 'release', key, token };
  }

  settle(_answer: LeaseAnswer): void {}

  dropped(): void {}
}
