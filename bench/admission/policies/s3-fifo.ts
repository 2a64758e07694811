import { type Bounds, type Policy, shareOf } from './policy.ts';
import { Entry, Queue } from './queue.ts';

const SMALL = 0.1;
const MOST_HITS = 3;

interface S3FifoOptions {
  /** Share of the cache that the small queue has. */
  readonly small?: number;
  /** Hits in the small queue that make main take it in. */
  readonly promoteAfter?: number;
}

/**
 * Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023. What is new stands in a small queue first; only what
 * was hit there goes on to the main one. What leaves the small queue is remembered, and goes to main at once when it comes back.
 */
export class S3Fifo implements Policy {
  readonly #bounds: Bounds;
  readonly #smallBounds: Bounds;
  readonly #mainBounds: Bounds;
  readonly #promoteAfter: number;
  readonly #entries = new Map<string, Entry>();
  readonly #small = new Queue();
  readonly #main = new Queue();
  readonly #remembered = new Map<string, Entry>();
  /** As large as main. */
  readonly #ghost = new Queue();

  constructor(bounds: Bounds, { small = SMALL, promoteAfter = 1 }: S3FifoOptions = {}) {
    this.#bounds = bounds;
    this.#smallBounds = shareOf(bounds, small);
    this.#mainBounds = shareOf(bounds, 1 - small);
    this.#promoteAfter = promoteAfter;
  }

  access(key: string, bytes: number): boolean {
    const held = this.#entries.get(key);
    if (held !== undefined) {
      if (held.hits < MOST_HITS) held.hits++;
      return true;
    }
    if (bytes > this.#bounds.bytes) return false;
    while (this.size + 1 > this.#bounds.entries || this.bytes + bytes > this.#bounds.bytes) this.#evict();
    const entry = new Entry(key, bytes);
    this.#entries.set(key, entry);
    if (this.#recall(key)) this.#main.push(entry);
    else this.#small.push(entry);
    return false;
  }

  #evict(): void {
    const { length, bytes } = this.#small;
    const small = length >= this.#smallBounds.entries || bytes >= this.#smallBounds.bytes;
    if (small || this.#main.length === 0) this.#evictSmall();
    else this.#evictMain();
  }

  #evictSmall(): void {
    const entry = this.#small.shift();
    if (entry === undefined) return;
    if (entry.hits < this.#promoteAfter) {
      this.#entries.delete(entry.key);
      this.#remember(entry);
      return;
    }
    entry.hits = 0;
    this.#main.push(entry);
    if (this.#main.exceeds(this.#mainBounds)) this.#evictMain();
  }

  #evictMain(): void {
    for (let entry = this.#main.shift(); entry !== undefined; entry = this.#main.shift()) {
      if (entry.hits === 0) {
        this.#entries.delete(entry.key);
        return;
      }
      entry.hits--;
      this.#main.push(entry);
    }
  }

  #remember(entry: Entry): void {
    this.#remembered.set(entry.key, entry);
    this.#ghost.push(entry);
    while (this.#ghost.exceeds(this.#mainBounds)) {
      const forgotten = this.#ghost.shift();
      if (forgotten !== undefined) this.#remembered.delete(forgotten.key);
    }
  }

  #recall(key: string): boolean {
    const entry = this.#remembered.get(key);
    if (entry === undefined) return false;
    this.#ghost.remove(entry);
    return this.#remembered.delete(key);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  get size(): number {
    return this.#small.length + this.#main.length;
  }

  get bytes(): number {
    return this.#small.bytes + this.#main.bytes;
  }
}
