const ROWS = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f];
const COUNTERS_A_ROW = 4;
const MOST = 15;
/** A word holds eight counters of four bits. */
const WORD_BITS = 3;
const LOWER_THREE_BITS = 0x77777777;

/**
 * How often keys were asked for lately, roughly and in eight to sixteen bytes an entry: a count-min sketch of four rows of 4-bit counters,
 * with minimal increments. All are halved once the sample is full, so that the past fades.
 */
export class FrequencySketch {
  readonly #rows: readonly Uint32Array[];
  readonly #shift: number;
  readonly #sample: number;
  #counted = 0;

  /** @param entries of the cache, 1 or more */
  constructor(entries: number, sample: number) {
    const bits = Math.max(WORD_BITS, Math.ceil(Math.log2(entries * COUNTERS_A_ROW)));
    this.#rows = ROWS.map(() => new Uint32Array(2 ** (bits - WORD_BITS)));
    this.#shift = 32 - bits;
    this.#sample = sample;
  }

  count(key: string): void {
    const hash = hashOf(key);
    const least = this.#least(hash);
    if (least < MOST) this.#raise(hash, least);
    if (++this.#counted >= this.#sample) this.#halve();
  }

  /** 0 to 15. */
  frequency(key: string): number {
    return this.#least(hashOf(key));
  }

  #least(hash: number): number {
    let least = MOST;
    for (let row = 0; row < ROWS.length; row++) {
      const words = this.#rows[row];
      if (words !== undefined) least = Math.min(least, countIn(words, this.#counterOf(hash, row)));
    }
    return least;
  }

  /** Only the counters that say the least: the others are too high already. */
  #raise(hash: number, least: number): void {
    for (let row = 0; row < ROWS.length; row++) {
      const words = this.#rows[row];
      const counter = this.#counterOf(hash, row);
      if (words === undefined || countIn(words, counter) !== least) continue;
      const word = counter >>> WORD_BITS;
      words[word] = (words[word] ?? 0) + (1 << ((counter & 7) << 2));
    }
  }

  #counterOf(hash: number, row: number): number {
    const mixed = Math.imul(hash, ROWS[row] ?? 1);
    return Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> this.#shift;
  }

  #halve(): void {
    for (const words of this.#rows) {
      for (let word = 0; word < words.length; word++) {
        words[word] = ((words[word] ?? 0) >>> 1) & LOWER_THREE_BITS;
      }
    }
    this.#counted >>>= 1;
  }
}

function countIn(words: Uint32Array, counter: number): number {
  return ((words[counter >>> WORD_BITS] ?? 0) >>> ((counter & 7) << 2)) & MOST;
}

/** FNV-1a over UTF-16 units. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return hash ^ (hash >>> 16);
}
