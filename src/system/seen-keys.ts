import { hash } from 'node:crypto';

/** Words of a digest: 128 bits, so that of any number of keys no two are ever taken for the same. */
const WORDS = 4;
const FIRST_ROOM = 256;

/** Which keys have been seen: of each its digest is kept, at some 16 to 43 bytes, whatever its length. */
export class SeenKeys {
  /** An open table; a place that is all 0 is free. */
  #table = new Uint32Array(FIRST_ROOM * WORDS);
  #size = 0;

  /** Whether it was seen for the first time. */
  add(key: string): boolean {
    const bytes = hash('sha256', key, 'buffer');
    const digest = Uint32Array.from({ length: WORDS }, (_, at) => bytes.readUInt32LE(at * WORDS));
    if (!this.#enter(digest)) return false;
    if (++this.#size * WORDS * 4 > this.#table.length * 3) this.#grow();
    return true;
  }

  #enter(digest: Uint32Array): boolean {
    const table = this.#table;
    let at = ((digest[0] ?? 0) * WORDS) % table.length;
    while (!isFree(table, at)) {
      if (digest.every((word, offset) => table[at + offset] === word)) return false;
      at = (at + WORDS) % table.length;
    }
    table.set(digest, at);
    return true;
  }

  #grow(): void {
    const full = this.#table;
    this.#table = new Uint32Array(full.length * 2);
    for (let at = 0; at < full.length; at += WORDS)
      if (!isFree(full, at)) this.#enter(full.subarray(at, at + WORDS));
  }
}

function isFree(table: Uint32Array, at: number): boolean {
  return table.subarray(at, at + WORDS).every((word) => word === 0);
}
