import { LRUCache } from 'lru-cache';

/** More changes than this never wait: what waits is memory beside what the cache may hold. */
const MOST = 8_192;
/** Weight of all that waits, at the most; and no more than the cache itself may hold. */
const HEAVIEST = 16_777_216;
/** How many times the entries of the cache may wait: of what is read once, that share is never entered at all. */
const TIMES = 4;

interface Entry {
  /** Called when it is entered: from then on it may be held for long. */
  setApart(): void;
}

/**
 * An exact LRU whose newest changes may wait until somebody looks. Where far more keys are read than it can hold, and nobody looks
 * (Redis answers, after all), most of what came would be pushed out again unseen; of what waited only the newest that fit
 * are entered, in the order that they would have.
 */
export class DeferredLru<V extends Entry> {
  readonly #cache: LRUCache<string, V>;
  readonly #capacity: number;
  readonly #most: number;
  readonly #heaviest: number;
  #keys: string[] = [];
  #values: (V | undefined)[] = [];
  #weight = 0;
  /** Changes that were pushed out by newer ones while they waited. */
  passedOver = 0;

  constructor(capacity: number, options: Omit<LRUCache.Options<string, V, unknown>, 'max'>) {
    this.#cache = new LRUCache<string, V>({ ...options, max: capacity });
    this.#capacity = capacity;
    this.#heaviest = Math.min(HEAVIEST, options.maxSize ?? HEAVIEST);
    this.#most = TIMES * capacity <= MOST ? TIMES * capacity : 0;
  }

  /** The cache with all changes in it. */
  get entries(): LRUCache<string, V> {
    if (this.#keys.length > 0) this.#settle();
    return this.#cache;
  }

  /** What was entered for a key, whatever waits. */
  glance(key: string): V | undefined {
    return this.#cache.peek(key);
  }

  /** Sets a key, or deletes it where there is no value, by the time somebody looks. */
  defer(key: string, value: V | undefined, weight: number): void {
    this.#keys.push(key);
    this.#values.push(value);
    this.#weight += weight;
    if (this.#keys.length >= this.#most || this.#weight >= this.#heaviest) this.#settle();
  }

  #settle(): void {
    this.#weight = 0;
    const keys = this.#keys;
    const values = this.#values;
    if (keys.length === 1) {
      const [key, value] = [keys.pop() as string, values.pop()];
      if (value === undefined) this.#cache.delete(key);
      else {
        value.setApart();
        this.#cache.set(key, value);
      }
      return;
    }
    this.#keys = [];
    this.#values = [];
    // The newest of each key counts, and of those no more than fit.
    const newest: number[] = [];
    const seen = new Set<string>();
    let at = keys.length - 1;
    for (let fitting = 0; at >= 0 && fitting < this.#capacity; at--) {
      const key = keys[at] as string;
      if (seen.has(key)) continue;
      seen.add(key);
      newest.push(at);
      if (values[at] !== undefined) fitting++;
    }
    this.passedOver += at + 1;
    // What goes first makes room: nothing may be pushed out for it.
    for (const place of newest) if (values[place] === undefined) this.#cache.delete(keys[place] as string);
    for (const place of newest.reverse()) {
      const value = values[place];
      if (value === undefined) continue;
      value.setApart();
      this.#cache.set(keys[place] as string, value);
    }
  }
}
