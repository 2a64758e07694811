export interface Held {
  readonly value: number | string;
  /** Milliseconds since the epoch until which it is answered. */
  readonly fresh: number;
}

/** What each key holds when every accepted change is made at once, in the order of the versions: a map and no more. */
export class JournalModel {
  readonly #held = new Map<string, Held>();
  /** Counts what was done to each key, to tell whether a change was the last. */
  readonly #changes = new Map<string, number>();

  /** What an invalidation of everything may or may not have taken with it, until it is set or deleted again. */
  readonly unknown = new Set<string>();

  get(key: string, now: number): Held | undefined {
    const held = this.#held.get(key);
    return held !== undefined && held.fresh > now ? held : undefined;
  }

  /** It is set, or deleted. */
  put(key: string, held: Held | undefined): void {
    this.unknown.delete(key);
    this.#put(key, held);
  }

  #put(key: string, held: Held | undefined): void {
    if (held === undefined) this.#held.delete(key);
    else this.#held.set(key, held);
    this.#changes.set(key, this.changes(key) + 1);
  }

  changes(key: string): number {
    return this.#changes.get(key) ?? 0;
  }

  touch(key: string, now: number, ttl: number): void {
    const held = this.get(key, now);
    if (held !== undefined) this.#put(key, { ...held, fresh: now + ttl });
  }

  increment(key: string, by: number, now: number, ttl: number): void {
    const held = this.get(key, now) ?? { value: 0, fresh: now + ttl };
    this.#put(key, { ...held, value: Number(held.value) + by });
  }

  /** Everything below a prefix but what `spared` tells. */
  clear(prefix: string, spared: (key: string) => boolean = () => false): void {
    for (const key of this.#changes.keys())
      if (key.startsWith(prefix) && !spared(key)) this.put(key, undefined);
  }
}
