/** A value that is being read aside: what it is, those who wait are told later. */
export class Opening {
  readonly #handOut: (value: unknown) => unknown;
  #value: unknown;
  #open = false;
  #waiting: ((value: unknown) => void)[] = [];

  /** `handOut`: what of the one value each who waits is given. */
  constructor(reading: Promise<unknown>, handOut: (value: unknown) => unknown) {
    this.#handOut = handOut;
    // Whoever reads tells by a value of its own that there is none.
    void reading.then((value) => this.#opened(value));
  }

  get open(): boolean {
    return this.#open;
  }

  /** Calls back when it is open; at once, when it is already. */
  whenOpen(listener: (value: unknown) => void): void {
    if (this.#open) listener(this.#handOut(this.#value));
    else this.#waiting.push(listener);
  }

  #opened(value: unknown): void {
    this.#value = value;
    this.#open = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const listener of waiting) listener(this.#handOut(value));
  }
}
