import type { TraceContext } from '../../src/runtime/envelope.ts';
import type { Outcome, Write } from '../../src/tiers/tier.ts';
import type { CircuitBreakerMessage } from '../circuit-breaker/messages.ts';
import type { QueuedWrite } from './group.ts';
import type { Batch } from './outbox.ts';
import type { Receipts } from './receipts.ts';

/** Who is told how a batch of changes went. */
export interface WritesHost {
  readonly receipts: Receipts;
  /** `sent` is what was sent of it; the rest was not wanted any more. */
  writesDone(batch: WriteBatch, sent: readonly QueuedWrite[], began: number, outcomes: OutcomeAt): void;
  writesDropped(batch: WriteBatch, count: number): void;
}

type OutcomeAt = (index: number) => Outcome;

/** One call of the script that makes changes. */
export class WriteBatch implements Batch {
  readonly trace: TraceContext | undefined;
  readonly #host: WritesHost;
  readonly #began: number;
  #writes: readonly QueuedWrite[];
  #receipt: string | undefined;

  constructor(
    host: WritesHost,
    writes: readonly QueuedWrite[],
    began: number,
    trace: TraceContext | undefined,
  ) {
    this.#host = host;
    this.#writes = writes;
    this.#began = began;
    this.trace = trace;
  }

  get size(): number {
    return this.#writes.length;
  }

  /** The changes of a key that are in it. */
  changesOf(key: string): Write[] {
    return changesOf(key, this.#writes);
  }

  compose(): CircuitBreakerMessage | undefined {
    const all = this.#writes;
    this.#writes = all.filter((queued) => queued.wanted);
    this.#host.writesDropped(this, all.length - this.#writes.length);
    for (const queued of this.#writes) {
      if (queued.write.op !== 'increment') continue;
      this.#receipt ??= this.#host.receipts.take();
      queued.sentWith(this.#receipt);
    }
    return this.#writes.length === 0
      ? undefined
      : { type: 'circuit-breaker.write', writes: this.#writes.map((queued) => queued.write) };
  }

  answered(outcomes: readonly Outcome[]): void {
    // The journal may yet ask what it says of those whose outcome is not known.
    const receipt = this.#receipt;
    if (receipt !== undefined && outcomes.every(({ status }) => status !== 'failed'))
      this.#host.receipts.giveBack(receipt);
    this.#host.writesDone(this, this.#writes, this.#began, (index) => outcomes[index] ?? UNKNOWN);
  }

  failed(error: unknown): void {
    const outcome: Outcome = { status: 'failed', error: error instanceof Error ? error : UNKNOWN.error };
    this.#host.writesDone(this, this.#writes, this.#began, () => outcome);
  }
}

/** What is still to be made of the changes of a key. */
export function changesOf(key: string, writes: readonly QueuedWrite[]): Write[] {
  return writes.filter(({ write, wanted }) => wanted && write.key === key).map(({ write }) => write);
}

const UNKNOWN = { status: 'failed', error: new Error('no outcome') } as const;
