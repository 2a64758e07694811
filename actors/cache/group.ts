import type { TraceContext } from '../../src/runtime/envelope.ts';
import { keepShape } from '../../src/runtime/keep-shape.ts';
import type { Outcome, Write } from '../../src/tiers/tier.ts';
import type { QueuedLease } from './lease-batch.ts';
import type { Reader } from './reader.ts';

/** One change on its way to Redis. */
export interface QueuedWrite {
  readonly write: Write;
  /** False once it was journaled at its deadline: sent as well, an increment would count twice. */
  readonly wanted: boolean;
  /** Told which slip knows whether an increment was made, before it is sent. */
  sentWith(receipt: string): void;
  /** Replicas that must have it before it is durable. */
  readonly wait: number;
  settle(outcome: Outcome): void;
}

type Traced = Reader | QueuedWrite | QueuedLease;

/**
 * What gathers in one turn. Reads and writes of different keys commute, so the reads of the turn go first and its
 * writes after them. A read of a key that is set or deleted earlier in the turn never gets here: it is answered from
 * that. A read behind any other change of its key opens the next group.
 */
export class Group {
  /** The first reader of each key; the others hang on it. */
  readonly reads = new Map<string, Reader>();
  readonly writes: QueuedWrite[] = [];
  /** They go last: a lease must not be granted, or fulfilled, by what this turn changes. */
  readonly leases: QueuedLease[] = [];
  /** In which traces, where somebody records any. */
  #traces: Map<Traced, TraceContext> | undefined;
  /** The last change of each key, of the first `#indexed` changes: nobody asks in a turn that only writes. */
  readonly #changed = new Map<string, Write>();
  #indexed = 0;
  /** Called when all of it has been sent. */
  readonly onSent: (() => void)[] = [];
  /** Monotonic milliseconds at which the first of it came. */
  readonly began: number;
  /** Place in the order of the groups. */
  readonly turn: number;

  constructor(began: number, turn: number) {
    this.began = began;
    this.turn = turn;
  }

  /** True when there was nobody waiting for this key yet. */
  read(reader: Reader): boolean {
    const first = this.reads.get(reader.key);
    if (first === undefined) {
      this.reads.set(reader.key, reader);
      return true;
    }
    reader.next = first.next;
    first.next = reader;
    return false;
  }

  write(queued: QueuedWrite): void {
    this.writes.push(queued);
  }

  trace(item: Traced, trace: TraceContext): void {
    this.#traces ??= new Map();
    this.#traces.set(item, trace);
  }

  /** The traces of a part of it, for the span of the batch that it becomes. */
  tracesOf(part: readonly Traced[]): TraceContext[] {
    const found: TraceContext[] = [];
    if (this.#traces === undefined) return found;
    for (const first of part) {
      let item: Traced | undefined = first;
      while (item !== undefined) {
        const trace = this.#traces.get(item);
        if (trace !== undefined) found.push(trace);
        item = 'next' in item ? item.next : undefined;
      }
    }
    return found;
  }

  /** The last change that this turn makes to a key. */
  changeOf(key: string): Write | undefined {
    for (; this.#indexed < this.writes.length; this.#indexed++) {
      const write = this.writes[this.#indexed]?.write;
      if (write !== undefined) this.#changed.set(write.key, write);
    }
    return this.#changed.get(key);
  }
}

keepShape(new Group(0, 0));
