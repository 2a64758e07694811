/**
 * Which keys changed here while reads were out. An answer of Redis that left before a local change must not be kept in
 * memory after it: it would bring back what was overwritten or deleted. Costs nothing while no read is out.
 */
export class Recency {
  readonly #changed = new Map<string, number>();
  #everything = 0;
  #now = 0;
  #readsOut = 0;

  /** The place in the order of changes of a read that begins now. */
  readBegins(): number {
    this.#readsOut++;
    return this.#now;
  }

  /** Call after the answers were kept. */
  readsEnd(count: number): void {
    this.#readsOut -= count;
    if (this.#readsOut === 0) this.#changed.clear();
  }

  changed(key: string): void {
    if (this.#readsOut > 0) this.#changed.set(key, ++this.#now);
  }

  changedEverything(): void {
    this.#everything = ++this.#now;
  }

  /** Whether nothing here changed the key since the read began. */
  holds(key: string, asOf: number): boolean {
    if (this.#everything > asOf) return false;
    return this.#changed.size === 0 || (this.#changed.get(key) ?? 0) <= asOf;
  }
}
