import type { Bounds, Policy } from './policy.ts';

/** Outdated places in the heap that are let be. */
const SLACK = 1_024;

/**
 * Belady's clairvoyant policy: what is asked for the latest goes, also where that is what just came. Where only entries count nothing can do
 * better; with bytes it is a rule of thumb.
 */
export class Optimum implements Policy {
  readonly #bounds: Bounds;
  readonly #keys: readonly string[];
  /** For each access the position of the next one of its key; behind the last, where there is none. */
  readonly #next: Uint32Array;
  readonly #held = new Map<string, number>();
  /** Positions of next accesses, the latest on top. Those of the past are outdated: they sink, and are cleared now and then. */
  #heap: number[] = [];
  #at = 0;
  bytes = 0;

  /** @param keys what will be asked for, in this order */
  constructor(bounds: Bounds, keys: readonly string[]) {
    this.#bounds = bounds;
    this.#keys = keys;
    this.#next = new Uint32Array(keys.length);
    const next = new Map<string, number>();
    for (const [behind, key] of keys.toReversed().entries()) {
      const at = keys.length - 1 - behind;
      this.#next[at] = next.get(key) ?? keys.length;
      next.set(key, at);
    }
  }

  access(key: string, bytes: number): boolean {
    const at = this.#at++;
    if (this.#keys[at] !== key) throw new Error(`expected ${this.#keys[at]} at ${at}, got ${key}`);
    const hit = this.#remove(key);
    const next = this.#next[at] ?? this.#keys.length;
    if (next === this.#keys.length) return hit;
    this.#held.set(key, bytes);
    this.bytes += bytes;
    this.#push(next);
    while (this.size > this.#bounds.entries || this.bytes > this.#bounds.bytes) {
      this.#remove(this.#keys[this.#pop()] ?? '');
    }
    if (this.#heap.length > 2 * this.size + SLACK) {
      this.#heap = this.#heap.filter((position) => position > at).sort((a, b) => b - a);
    }
    return hit;
  }

  #remove(key: string): boolean {
    this.bytes -= this.#held.get(key) ?? 0;
    return this.#held.delete(key);
  }

  #push(position: number): void {
    const heap = this.#heap;
    let child = heap.push(position) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      const above = heap[parent] ?? Infinity;
      if (above >= position) break;
      heap[child] = above;
      child = parent;
    }
    heap[child] = position;
  }

  #pop(): number {
    const heap = this.#heap;
    const top = heap[0] ?? -1;
    const moved = heap.pop() ?? -1;
    let parent = 0;
    for (let child = 1; child < heap.length; child = 2 * parent + 1) {
      if ((heap[child + 1] ?? -1) > (heap[child] ?? -1)) child++;
      const below = heap[child] ?? -1;
      if (below <= moved) break;
      heap[parent] = below;
      parent = child;
    }
    if (heap.length > 0) heap[parent] = moved;
    return top;
  }

  has(key: string): boolean {
    return this.#held.has(key);
  }

  get size(): number {
    return this.#held.size;
  }
}
