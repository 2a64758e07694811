import type { Bounds, Policy } from './policy.ts';
import { Entry, Queue } from './queue.ts';

/** Zhang et al., "SIEVE is Simpler than LRU", NSDI 2024: one queue that nothing moves in, and a hand that passes over what was hit. */
export class Sieve implements Policy {
  readonly #bounds: Bounds;
  readonly #entries = new Map<string, Entry>();
  readonly #queue = new Queue();
  #hand: Entry | undefined;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  access(key: string, bytes: number): boolean {
    const held = this.#entries.get(key);
    if (held !== undefined) {
      held.hits = 1;
      return true;
    }
    if (bytes > this.#bounds.bytes) return false;
    while (this.size + 1 > this.#bounds.entries || this.bytes + bytes > this.#bounds.bytes) this.#evict();
    const entry = new Entry(key, bytes);
    this.#entries.set(key, entry);
    this.#queue.push(entry);
    return false;
  }

  /** The hand goes from the oldest to the newest, and begins anew after that. */
  #evict(): void {
    let hand = this.#hand ?? this.#queue.oldest;
    while (hand !== undefined && hand.hits > 0) {
      hand.hits = 0;
      hand = hand.newer ?? this.#queue.oldest;
    }
    if (hand === undefined) return;
    this.#hand = hand.newer;
    this.#queue.remove(hand);
    this.#entries.delete(hand.key);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  get size(): number {
    return this.#queue.length;
  }

  get bytes(): number {
    return this.#queue.bytes;
  }
}
