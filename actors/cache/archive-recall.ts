import type { Lateness } from '../../src/runtime/envelope.ts';

/**
 * A touch or an increment of what only the durable tier may hold: made when that is known here, or when nobody can wait
 * longer.
 */
export class ArchiveRecall implements Lateness {
  readonly #change: () => Lateness | undefined;
  #lateness: Lateness | undefined;
  #made = false;

  constructor(change: () => Lateness | undefined) {
    this.#change = change;
  }

  readonly make = (): void => {
    if (this.#made) return;
    this.#made = true;
    this.#lateness = this.#change();
  };

  late(): void {
    this.make();
    this.#lateness?.late();
  }
}
