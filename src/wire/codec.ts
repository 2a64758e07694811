import { UnderstudyError } from '../runtime/errors.ts';

/** Turns values into text that can stand in an envelope, and back. Decoding may throw; the reader counts a miss. */
export interface Codec {
  /** Name that the envelope carries; `json` is the default and is not written. */
  readonly name: string;
  /** Throws INVALID_VALUE for what the codec cannot hold. */
  encode(value: unknown): string;
  decode(text: string): unknown;
}

/** Plain JSON, so that a person with redis-cli and a program in any language can read what is stored. */
export const jsonCodec: Codec = {
  name: 'json',
  encode: (value) => {
    if (typeof value === 'number' && !Number.isFinite(value)) throw invalid(`the number ${value}`);
    let text: string | undefined;
    try {
      text = JSON.stringify(value);
    } catch (cause) {
      throw invalid(`a ${typeof value} that JSON cannot hold`, cause);
    }
    if (text === undefined) throw invalid(value === undefined ? 'undefined' : `a ${typeof value}`);
    return text;
  },
  decode: (text) => JSON.parse(text),
};

function invalid(given: string, cause?: unknown): UnderstudyError {
  // The cause of a failed stringify names property paths only, never values.
  return new UnderstudyError('INVALID_VALUE', `value: expected a value that JSON can hold, got ${given}`, {
    cause,
  });
}
