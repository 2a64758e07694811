/** What is measured of a library, in the library's own terms as thinly as can be. A miss is undefined or null. */
export interface Contender {
  get(key: string): Promise<unknown>;
  /** Stores with `TTL`; resolves when the store has confirmed it. */
  set(key: string, value: object): Promise<unknown>;
  getOrSet?(key: string, load: () => Promise<object>): Promise<unknown>;
  /** The same as `get`, as a message to an actor. */
  ask?(key: string): Promise<unknown>;
  /** A message to an actor of the host application, answered at once. */
  echo?(text: string): Promise<unknown>;
  /** The positions of the keys that were not found. */
  getMany?(keys: readonly string[]): Promise<readonly number[]>;
  setMany?(keys: readonly string[], values: readonly object[]): Promise<unknown>;
  /** Rejects when what was measured was not what should have been: answers from elsewhere, say. */
  verify?(): Promise<void>;
  close(): Promise<unknown>;
}
