import { type BackoffOptions, backoff } from '../../src/runtime/backoff.ts';

/** Until a change that Redis refused is offered again. */
const RETRY: BackoffOptions = { min: 1_000, max: 60_000 };

/**
 * Keys whose change Redis refuses although it is well: a permission is missing, say. They stay in the journal, and are
 * offered again from time to time, while all others go ahead.
 */
export class SetAside {
  readonly #keys = new Map<string, { failures: number; until: number }>();

  get size(): number {
    return this.#keys.size;
  }

  /** When the first of them is to be offered again; undefined for never. */
  get next(): number | undefined {
    let next: number | undefined;
    for (const { until } of this.#keys.values()) if (next === undefined || until < next) next = until;
    return next;
  }

  add(key: string, now: number): void {
    const failures = this.#keys.get(key)?.failures ?? 0;
    this.#keys.set(key, { failures: failures + 1, until: now + backoff(failures, RETRY) });
  }

  /** Whether a key may be offered now. */
  due(key: string, now: number): boolean {
    const entry = this.#keys.size === 0 ? undefined : this.#keys.get(key);
    return entry === undefined || entry.until <= now;
  }

  forget(key: string): void {
    if (this.#keys.size > 0) this.#keys.delete(key);
  }
}
