/** The versions of deletions, by key: of so many, the latest. A map remembers the order, and takes room only as it fills. */
export class Tombstones {
  readonly #versions = new Map<string, string>();
  /** Stands before the oldest. A new one would have to step over all that were removed since the map was tidied last. */
  readonly #oldest = this.#versions.keys();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** '' for a key that was not deleted, or too long ago. */
  of(key: string): string {
    return this.#versions.get(key) ?? '';
  }

  add(key: string, version: string): void {
    this.#versions.delete(key);
    this.#versions.set(key, version);
    if (this.#versions.size <= this.#most) return;
    const { value } = this.#oldest.next();
    if (value !== undefined) this.#versions.delete(value);
  }

  /** Puts other versions in the places of those that there are. */
  change(to: (version: string) => string): void {
    for (const [key, version] of this.#versions) this.#versions.set(key, to(version));
  }
}
