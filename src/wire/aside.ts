/** Bytes of values that may be packed, or opened, off the event loop at once. */
const MOST_BYTES = 67_108_864;

/**
 * What is under way off the event loop, whether anybody still waits for it or not: the thread pool and memory are what they are,
 * so beyond a bound nothing more goes there.
 */
export class Aside {
  #bytes = 0;

  /** Whether there is room for one more of any size. */
  get room(): boolean {
    return this.#bytes < MOST_BYTES;
  }

  /** Counts work until it has ended. */
  holds<T>(work: Promise<T>, bytes: number): Promise<T> {
    this.#bytes += bytes;
    return work.finally(() => {
      this.#bytes -= bytes;
    });
  }
}
