import type { TraceContext } from '../../src/runtime/envelope.ts';
import { LEASE_FAILED, type LeaseAnswer, type LeaseRequest } from '../../src/tiers/lease.ts';
import type { CircuitBreakerMessage } from '../circuit-breaker/messages.ts';
import type { Batch } from './outbox.ts';

/** One request about a lease on its way to Redis. Exactly one of the two is called. */
export interface QueuedLease {
  readonly request: LeaseRequest;
  /** False once nobody waits for what comes of it. */
  readonly wanted: boolean;
  settle(answer: LeaseAnswer): void;
  /** It was not sent, as it was not wanted any more. */
  dropped(): void;
}

/** Who is told how many requests have been answered or dropped. */
export interface LeasesHost {
  leasesDone(count: number): void;
}

/** One call of the script of the leases. */
export class LeaseBatch implements Batch {
  readonly trace: TraceContext | undefined;
  readonly #host: LeasesHost;
  #queued: readonly QueuedLease[];

  constructor(host: LeasesHost, queued: readonly QueuedLease[], trace: TraceContext | undefined) {
    this.#host = host;
    this.#queued = queued;
    this.trace = trace;
  }

  compose(): CircuitBreakerMessage | undefined {
    const all = this.#queued;
    const wanted: QueuedLease[] = [];
    for (const queued of all) {
      if (queued.wanted) wanted.push(queued);
      else queued.dropped();
    }
    this.#queued = wanted;
    this.#host.leasesDone(all.length - wanted.length);
    if (wanted.length === 0) return undefined;
    return { type: 'circuit-breaker.lease', requests: wanted.map(({ request }) => request) };
  }

  answered(answers: readonly LeaseAnswer[]): void {
    for (const [at, queued] of this.#queued.entries()) queued.settle(answers[at] ?? LEASE_FAILED);
    this.#host.leasesDone(this.#queued.length);
  }

  failed(): void {
    for (const queued of this.#queued) queued.settle(LEASE_FAILED);
    this.#host.leasesDone(this.#queued.length);
  }
}

/** Parts of bounded size, in order. */
export function partsOf(
  queued: readonly QueuedLease[],
  { maxKeys, maxBytes }: { readonly maxKeys: number; readonly maxBytes: number },
): QueuedLease[][] {
  const parts: QueuedLease[][] = [];
  let bytes = 0;
  for (const each of queued) {
    const length = each.request.op === 'fulfil' ? each.request.write.stored.length : 0;
    const part = parts.at(-1);
    if (part === undefined || part.length >= maxKeys || bytes + length > maxBytes) {
      parts.push([each]);
      bytes = length;
    } else {
      part.push(each);
      bytes += length;
    }
  }
  return parts;
}
