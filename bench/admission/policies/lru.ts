import { LRUCache } from 'lru-cache';
import type { Bounds, Policy } from './policy.ts';

/** Exact LRU, by the library that Understudy's memory stands on. */
export class Lru implements Policy {
  readonly #cache: LRUCache<string, number>;

  constructor({ entries, bytes }: Bounds) {
    this.#cache = new LRUCache({
      max: entries,
      ...(bytes === Infinity ? {} : { maxSize: bytes, sizeCalculation: (weight) => weight }),
    });
  }

  access(key: string, bytes: number): boolean {
    if (this.#cache.get(key) !== undefined) return true;
    this.#cache.set(key, bytes);
    return false;
  }

  has(key: string): boolean {
    return this.#cache.has(key);
  }

  get size(): number {
    return this.#cache.size;
  }

  /** Counted only where bytes are bounded. */
  get bytes(): number {
    return this.#cache.calculatedSize;
  }
}
