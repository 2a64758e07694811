/**
 * Numbers the slips on which Redis notes which increments of a batch it made. A slip is used again once its batch has been
 * answered: nobody will ask what it says. That of a batch whose outcome stayed unknown is never used again, for the
 * journal may ask, as long as Redis keeps it. So there are about as many as batches are in flight at once.
 */
export class Receipts {
  readonly #instance: string;
  readonly #free: string[] = [];
  #made = 0;

  constructor(instance: string) {
    this.#instance = instance;
  }

  take(): string {
    return this.#free.pop() ?? `${this.#instance}:${++this.#made}`;
  }

  giveBack(receipt: string): void {
    this.#free.push(receipt);
  }
}
