import { isUnderstudyError } from '../../runtime/errors.ts';
import { type Codec, type Encoded, invalidValue } from './codec.ts';
import { isPlain } from './plain.ts';
import { writeRich } from './rich-writer.ts';

const EXPECTED = 'a value that JSON can hold, or Dates, Maps, Sets, bigints, bytes, RegExps and Errors';

/** Plain data as plain JSON, that a person with redis-cli and a program in any language can read; the rest by tags in it. */
export const jsonCodec: Codec = {
  encode(value): Encoded {
    let text: string | undefined;
    try {
      text = JSON.stringify(value);
      // First what JSON makes of it: where that ends, nothing goes round in a circle.
      if (text !== undefined && isPlain(value)) return { encoding: 'json', content: text };
    } catch {
      // A bigint, or what the writer of tags refuses as well.
      text = '';
    }
    if (text === undefined) throw invalidValue(EXPECTED, nameOf(value));
    try {
      return { encoding: 'rich', content: writeRich(value) };
    } catch (error) {
      if (isUnderstudyError(error)) throw error;
      throw invalidValue(EXPECTED, `a ${typeof value} that cannot be written`, error);
    }
  },
};

function nameOf(value: unknown): string {
  return value === undefined ? 'undefined' : `a ${typeof value}`;
}
