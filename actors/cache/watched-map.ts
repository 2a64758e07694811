/** A map that tells which keys were set or deleted. */
export class WatchedMap<V> extends Map<string, V> {
  readonly #changed: (key: string) => void;

  constructor(changed: (key: string) => void) {
    super();
    this.#changed = changed;
  }

  override set(key: string, value: V): this {
    super.set(key, value);
    this.#changed(key);
    return this;
  }

  override delete(key: string): boolean {
    const existed = super.delete(key);
    if (existed) this.#changed(key);
    return existed;
  }
}
