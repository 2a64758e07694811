/** Smallest value that can carry the number of its write. */
export const MIN_VALUE_SIZE = 40;

const FILLER = 'the understudy knows every line of the play and goes on when the star cannot. ';

/**
 * Values of one size, each with the number of the write that made it, so that what is found later tells how old it is.
 * Numbers grow in the order in which the writes are handed to the cache.
 */
export class SampleValues {
  readonly #filler: string;
  readonly #size: number;
  #writes = 0;

  /** @param size length of a value as JSON, in bytes */
  constructor(size: number) {
    this.#size = size;
    this.#filler = FILLER.repeat(Math.ceil(size / FILLER.length));
  }

  next(): SampleValue {
    const write = ++this.#writes;
    const frame = '{"write":,"text":""}'.length + String(write).length;
    return { write, text: this.#filler.slice(0, Math.max(0, this.#size - frame)) };
  }
}

export interface SampleValue {
  readonly write: number;
  readonly text: string;
}

/** The number of the write that made a value; undefined for a value of somebody else. */
export function writeOf(value: unknown): number | undefined {
  const write = typeof value === 'object' && value !== null && 'write' in value ? value.write : undefined;
  return typeof write === 'number' ? write : undefined;
}
