import type { TraceContext } from '../../src/runtime/envelope.ts';
import type { Outcome, Write } from '../../src/tiers/tier.ts';
import type { Reader } from './reader.ts';

/** One key of a batch to read, with everybody who waits for it. */
export interface ReadSlot {
  readonly key: string;
  readers: Reader | undefined;
  /** Where in the order of local changes this read stands; see Recency. */
  readonly asOf: number;
}

/** One change on its way to Redis. */
export interface QueuedWrite {
  readonly write: Write;
  readonly began: number;
  settle(outcome: Outcome): void;
}

/**
 * What gathers in one turn. Reads and writes of different keys commute, so the reads of the turn go first and its
 * writes after them. A read of a key that is set or deleted earlier in the turn never gets here: it is answered from
 * that. A read behind any other change of its key opens the next group.
 */
export class Group {
  readonly reads = new Map<string, ReadSlot>();
  readonly writes: QueuedWrite[] = [];
  readonly traces: TraceContext[] = [];
  /** The last change of each key. */
  readonly changed = new Map<string, Write>();

  /** True when there was nobody waiting for this key yet. */
  read(key: string, reader: Reader, asOf: number): boolean {
    const slot = this.reads.get(key);
    if (slot === undefined) {
      this.reads.set(key, { key, readers: reader, asOf });
      return true;
    }
    reader.next = slot.readers;
    slot.readers = reader;
    return false;
  }

  write(queued: QueuedWrite): void {
    this.writes.push(queued);
    this.changed.set(queued.write.key, queued.write);
  }

  get empty(): boolean {
    return this.reads.size === 0 && this.writes.length === 0;
  }
}
