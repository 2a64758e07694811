import type { MemoryTier } from './memory.ts';

/** Invalidations that are remembered by key, for reads that are out. */
const REMEMBERED = 8_192;

/**
 * Which entries of memory may be answered in place of Redis. An entry carries the epoch in which it was read; a gap in the
 * invalidations begins another, so that nothing of before is trusted. Within an epoch an invalidation takes the trust from
 * its key, and from answers that were on their way when it came. All of it ends at `until`, when nothing has been heard.
 */
export class Near {
  /** The present epoch; 0 is none, and that of entries that were never trusted. */
  epoch = 1;
  /** Monotonic milliseconds until which what is trusted may be answered. */
  until = Number.NEGATIVE_INFINITY;
  /** Place in the order of invalidations; a read remembers where it began. */
  order = 0;
  /** Keys that were invalidated. */
  invalidations = 0;
  /** Epochs that ended because something may have been missed. */
  gaps = 0;
  /** Whether invalidations are heard: what is read meanwhile can be trusted. */
  #armed = false;
  /** Reads that began before this place are not trusted, whatever their key. */
  #floor = 0;
  readonly #invalidated = new Map<string, number>();
  readonly #memory: Pick<MemoryTier, 'revoke' | 'holds'>;
  readonly #prefixes: readonly string[] | undefined;

  /** `prefixes`: of the keys that are read from memory first; all of them without. */
  constructor(memory: Pick<MemoryTier, 'revoke' | 'holds'>, prefixes: readonly string[] | undefined) {
    this.#memory = memory;
    this.#prefixes = prefixes;
  }

  get armed(): boolean {
    return this.#armed;
  }

  covers(key: string): boolean {
    return this.#prefixes === undefined || this.#prefixes.some((prefix) => key.startsWith(prefix));
  }

  /** The epoch to keep a change of our own under: Redis will hold it, unless we hear otherwise. */
  get own(): number {
    return this.#armed ? this.epoch : 0;
  }

  /** The epoch to keep an answer under whose read began at this place in the order; 0 when it is not to be trusted. */
  of(key: string, began: number): number {
    if (!this.#armed || began < this.#floor) return 0;
    if (this.#invalidated.size > 0 && (this.#invalidated.get(key) ?? 0) > began) return 0;
    return this.epoch;
  }

  /** Invalidations are heard from now on: what is read from now on can be trusted, once `heard` says how long. */
  arm(): void {
    this.#next();
    this.#armed = true;
  }

  /** All that was changed until `sent` has been heard of. */
  heard(sent: number, staleness: number): void {
    if (this.#armed) this.until = sent + staleness;
  }

  /** Something may have been missed, and goes on being missed until the next `arm`. */
  disarm(): void {
    if (!this.#armed) return;
    this.#armed = false;
    this.#gap();
  }

  /** Something may have been missed; from now on nothing is. */
  bump(): void {
    if (this.#armed) this.#gap();
  }

  /** Somebody changed the key. `mark`: what it bears since then, where that is known. */
  invalidate(key: string, mark: string): void {
    this.invalidations++;
    if (this.#invalidated.size >= REMEMBERED) {
      this.#invalidated.clear();
      this.#floor = this.order + 1;
    }
    this.#invalidated.set(key, ++this.order);
    // What memory holds with that mark was written here, or read after the change.
    if (mark === '' || !this.#memory.holds(key, mark)) this.#memory.revoke(key);
  }

  /** What a change here leads to is known to Redis only. */
  revoke(key: string): void {
    this.#memory.revoke(key);
  }

  #gap(): void {
    this.gaps++;
    this.#next();
  }

  #next(): void {
    this.epoch++;
    this.until = Number.NEGATIVE_INFINITY;
    this.#invalidated.clear();
    this.#floor = ++this.order;
  }
}
