import type { Journal } from '../../actors/cache/journal.ts';

/** The journal of a system under test: the changes that Redis has not confirmed. */
export class TestJournal {
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** How many changes and invalidations wait. */
  get size(): number {
    return this.#journal.size;
  }

  /** The keys whose changes wait, in their order. */
  keys(): readonly string[] {
    return [...this.#journal.owedKeys()].sort();
  }
}
