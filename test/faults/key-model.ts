/** What a caller may rely on for one key. */
interface KeyState {
  /** Number of the last accepted write; undefined when the key was never written, or last deleted. */
  accepted: number | undefined;
  /** Counts writes begun, so that a read can tell that one overlapped it. */
  begun: number;
  writing: boolean;
}

/** Taken when a read begins; tells afterwards what the read had to find. */
export interface Expectation {
  /** False when a write overlapped the read, which may then have found either. */
  readonly binding: boolean;
  readonly accepted: number | undefined;
}

/**
 * The last accepted change of each key. Changes of one key are never concurrent: whoever makes one takes the key first, so
 * the last that was accepted is the one that Redis must hold in the end.
 */
export class KeyModel {
  readonly keys: readonly string[];
  readonly #states: Map<string, KeyState>;
  #next = 0;

  constructor(keys: readonly string[]) {
    this.keys = keys;
    this.#states = new Map(keys.map((key) => [key, { accepted: undefined, begun: 0, writing: false }]));
  }

  /** The first key from place `from` on that nobody is changing. */
  take(from: number): { readonly key: string; readonly number: number } {
    for (let step = 0; step < this.keys.length; step++) {
      const key = this.keys[(from + step) % this.keys.length] ?? '';
      const state = this.#state(key);
      if (state.writing) continue;
      state.writing = true;
      state.begun++;
      return { key, number: ++this.#next };
    }
    throw new RangeError(`All ${this.keys.length} keys are being changed; the load needs more of them`);
  }

  /** The change was accepted: the key now holds the value of this number, or nothing. */
  accept(key: string, number: number | undefined): void {
    const state = this.#state(key);
    state.accepted = number;
    state.writing = false;
  }

  /** The key was not changed after all. */
  release(key: string): void {
    this.#state(key).writing = false;
  }

  accepted(key: string): number | undefined {
    return this.#state(key).accepted;
  }

  /** Call when a read begins, and the result when it has ended. */
  expect(key: string): () => Expectation {
    const state = this.#state(key);
    const { begun, writing, accepted } = state;
    return () => ({ binding: !writing && state.begun === begun, accepted });
  }

  /** Keys that hold something else than the last accepted change made of them. */
  async differing(
    held: (keys: readonly string[]) => Promise<readonly (number | undefined)[]>,
  ): Promise<string[]> {
    const numbers = await held(this.keys);
    return this.keys.filter((key, at) => numbers[at] !== this.accepted(key));
  }

  #state(key: string): KeyState {
    const state = this.#states.get(key);
    if (state === undefined) throw new RangeError(`${key} is no key of this model`);
    return state;
  }
}
