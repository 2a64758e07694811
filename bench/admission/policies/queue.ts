import type { Bounds } from './policy.ts';

/** A key where it stands in a queue. */
export class Entry {
  readonly key: string;
  readonly bytes: number;
  /** As the policy counts them. */
  hits = 0;
  queue: Queue | undefined;
  newer: Entry | undefined;
  older: Entry | undefined;

  constructor(key: string, bytes: number) {
    this.key = key;
    this.bytes = bytes;
  }
}

/** Entries in the order in which they came. An entry stands in one queue at a time. */
export class Queue {
  length = 0;
  bytes = 0;
  oldest: Entry | undefined;
  #newest: Entry | undefined;

  push(entry: Entry): void {
    entry.queue = this;
    entry.older = this.#newest;
    entry.newer = undefined;
    if (this.#newest === undefined) this.oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
    this.length++;
    this.bytes += entry.bytes;
  }

  remove(entry: Entry): void {
    if (entry.older === undefined) this.oldest = entry.newer;
    else entry.older.newer = entry.newer;
    if (entry.newer === undefined) this.#newest = entry.older;
    else entry.newer.older = entry.older;
    entry.queue = undefined;
    this.length--;
    this.bytes -= entry.bytes;
  }

  /** Takes the oldest out. */
  shift(): Entry | undefined {
    const entry = this.oldest;
    if (entry !== undefined) this.remove(entry);
    return entry;
  }

  exceeds({ entries, bytes }: Bounds): boolean {
    return this.length > entries || this.bytes > bytes;
  }
}
