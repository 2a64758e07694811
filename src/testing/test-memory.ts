import type { MemoryTier } from '../tiers/memory.ts';
import type { HybridClock } from '../wire/hybrid-clock.ts';
import { UNREADABLE } from '../wire/stored.ts';
import type { Values } from '../wire/values.ts';

/** The memory tier of a system under test. */
export class TestMemory {
  readonly #memory: MemoryTier;
  readonly #time: HybridClock;
  readonly #values: Values;

  constructor(memory: MemoryTier, time: HybridClock, values: Values) {
    this.#values = values;
    this.#memory = memory;
    this.#time = time;
  }

  /** How many keys it holds. */
  get size(): number {
    return this.#memory.size;
  }

  /** The value that it would answer for a key; undefined for none. */
  value<T = unknown>(key: string): T | undefined {
    const stored = this.#memory.stored(key, this.#time.now());
    const value = stored === undefined ? UNREADABLE : this.#values.readAtOnce(key, stored);
    return value === UNREADABLE ? undefined : (value as T);
  }

  /** Forgets a key, as if others had pushed it out. */
  evict(key: string): void {
    this.#memory.forget(key);
  }

  /** Forgets everything. */
  clear(): void {
    this.#memory.clear('');
  }
}
