/**
 * Which keys changed here while reads were out. An answer of Redis that left before a local change must not be kept in
 * memory after it: it would bring back what was overwritten or deleted. Costs nothing while no read is out.
 */
export class Recency {
  readonly #changed = new Map<string, number>();
  /** Of those, the keys that were given another value, or none: what was read before is older, whatever its version. */
  readonly #replaced = new Map<string, number>();
  readonly #cleared = new Map<string, number>();
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
    if (this.#readsOut > 0) return;
    this.#changed.clear();
    this.#replaced.clear();
    this.#cleared.clear();
  }

  /** `replaced`: by a change that Redis makes after what was read before it, whatever the versions. */
  changed(key: string, replaced = false): void {
    if (this.#readsOut === 0) return;
    this.#changed.set(key, ++this.#now);
    if (replaced) this.#replaced.set(key, this.#now);
  }

  /** Only what is below the prefix: an answer about another key that was not kept would leave an older one in memory. */
  changedAll(prefix: string): void {
    if (this.#readsOut > 0) this.#cleared.set(prefix, ++this.#now);
  }

  /** Whether nothing here changed the key since the read began. */
  holds(key: string, asOf: number): boolean {
    if (this.#cleared.size > 0 && this.wasCleared(key, asOf)) return false;
    return this.#changed.size === 0 || (this.#changed.get(key) ?? 0) <= asOf;
  }

  /** Whether it was given another value here, or none, since the read began. */
  wasReplaced(key: string, asOf: number): boolean {
    return (this.#replaced.get(key) ?? 0) > asOf || this.wasCleared(key, asOf);
  }

  /** Whether it was below a prefix that was cleared here since the read began. */
  wasCleared(key: string, asOf: number): boolean {
    for (const [prefix, at] of this.#cleared) if (at > asOf && key.startsWith(prefix)) return true;
    return false;
  }
}
