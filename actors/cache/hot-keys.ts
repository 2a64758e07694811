import type { HotKey } from './messages.ts';

interface Counter {
  readonly key: string;
  count: number;
  readonly error: number;
  /** When it was last known what Redis holds of it, milliseconds since the epoch. */
  seen: number;
}

/**
 * The keys asked for most, by so many counters and no more: Space-Saving (Metwally, Agrawal and El Abbadi, 2005). A key without a
 * counter takes over one of the least counted, with its count as the error. So no count is too low, none is too high by more
 * than its error, no error exceeds the share of one counter, and every key asked for more often than that is among them.
 */
export class HotKeys {
  readonly #size: number;
  readonly #counters = new Map<string, Counter>();
  /** Those with the same count; there are always some of the least. */
  readonly #byCount = new Map<number, Set<Counter>>();
  #least = 0;

  constructor(size: number) {
    this.#size = size;
  }

  count(key: string): void {
    const known = this.#counters.get(key);
    if (known !== undefined) {
      this.#leave(known);
      known.count++;
      this.#join(known);
      // It is one above where it was, so if it was the last of the least, there are no others below it.
      if (!this.#byCount.has(this.#least)) this.#least++;
      return;
    }
    const error = this.#counters.size < this.#size ? 0 : this.#takeOver();
    const counter = { key, count: error + 1, error, seen: 0 };
    this.#counters.set(key, counter);
    this.#join(counter);
    if (error === 0) this.#least = 1;
    else if (!this.#byCount.has(this.#least)) this.#least++;
  }

  /** What Redis holds of the key is known at this time. */
  saw(key: string, now: number): void {
    const known = this.#counters.get(key);
    if (known !== undefined) known.seen = now;
  }

  /** When that was last; 0 for a key without a counter. */
  seen(key: string): number {
    return this.#counters.get(key)?.seen ?? 0;
  }

  /** The most asked for first. */
  top(): HotKey[] {
    return [...this.#counters.values()]
      .sort((one, other) => other.count - one.count)
      .map(({ key, count, error }) => ({ key, count, error }));
  }

  /** Frees a counter of the least and tells its count. */
  #takeOver(): number {
    const [victim] = this.#byCount.get(this.#least) ?? [];
    if (victim === undefined) return 0;
    this.#leave(victim);
    this.#counters.delete(victim.key);
    return victim.count;
  }

  #join(counter: Counter): void {
    const alike = this.#byCount.get(counter.count);
    if (alike === undefined) this.#byCount.set(counter.count, new Set([counter]));
    else alike.add(counter);
  }

  #leave(counter: Counter): void {
    const alike = this.#byCount.get(counter.count);
    if (alike?.delete(counter) && alike.size === 0) this.#byCount.delete(counter.count);
  }
}
