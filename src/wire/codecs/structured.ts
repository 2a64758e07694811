import { isUnderstudyError } from '../../runtime/errors.ts';
import { type Codec, type Encoded, invalidValue } from './codec.ts';
import { writeStructured } from './rich-writer.ts';

/** What `structuredClone` keeps, the identity of objects and cycles included, as tagged JSON. */
export const structuredCodec: Codec = {
  encode(value): Encoded {
    if (value === undefined) throw invalidValue('data', 'undefined');
    try {
      return { encoding: 'structured', content: writeStructured(value) };
    } catch (error) {
      if (isUnderstudyError(error)) throw error;
      throw invalidValue('data', `a ${typeof value} that cannot be written`, error);
    }
  },
};
