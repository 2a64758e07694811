import type { LargeKey } from './messages.ts';

/** The keys of the longest texts seen, so many and no more, each with the length that was seen last. */
export class LargeKeys {
  readonly #size: number;
  readonly #lengths = new Map<string, number>();
  /** No key with a shorter text is among them while there is no room. */
  #least = 0;

  constructor(size: number) {
    this.#size = size;
  }

  saw(key: string, length: number): void {
    if (this.#lengths.has(key)) {
      this.#lengths.set(key, length);
      this.#least = Math.min(this.#least, length);
    } else if (this.#lengths.size < this.#size) this.#lengths.set(key, length);
    else if (length > this.#least) this.#enter(key, length);
  }

  gone(key: string): void {
    this.#lengths.delete(key);
  }

  cleared(prefix: string): void {
    for (const key of this.#lengths.keys()) if (key.startsWith(prefix)) this.#lengths.delete(key);
  }

  /** The longest first. */
  top(): LargeKey[] {
    return [...this.#lengths]
      .sort(([, one], [, other]) => other - one)
      .map(([key, length]) => ({ key, length }));
  }

  /** In place of the shortest, if that is shorter. Looked for only now: what is known of it may be too low. */
  #enter(key: string, length: number): void {
    let shortest: string | undefined;
    let least = Infinity;
    let next = Infinity;
    for (const [other, its] of this.#lengths) {
      if (its < least) {
        next = least;
        [shortest, least] = [other, its];
      } else next = Math.min(next, its);
    }
    this.#least = least;
    if (shortest === undefined || length <= least) return;
    this.#lengths.delete(shortest);
    this.#lengths.set(key, length);
    this.#least = Math.min(next, length);
  }
}
