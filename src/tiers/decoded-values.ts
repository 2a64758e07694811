/** Fewer need no bound: the values of so many are little beside the process. */
const MOST = 65_536;

interface Decoded {
  /** Lets go of the value; it is decoded again when it is asked for. */
  forgetValue(): void;
}

/**
 * Which entries hold their value beside their text. In a large memory most are not asked for again soon, and would be held
 * twice: only those that were decoded last are.
 */
export class DecodedValues {
  readonly #ring: Decoded[] = [];
  #next = 0;

  /** None where no more than `capacity` entries exist anyway, and that is not too many. */
  static within(capacity: number): DecodedValues | undefined {
    return capacity > MOST ? new DecodedValues() : undefined;
  }

  add(entry: Decoded): void {
    this.#ring[this.#next]?.forgetValue();
    this.#ring[this.#next] = entry;
    this.#next = (this.#next + 1) % MOST;
  }
}
