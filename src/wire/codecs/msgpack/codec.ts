import { isUnderstudyError } from '../../../runtime/errors.ts';
import { type Codec, type Encoded, invalidValue } from '../codec.ts';
import { MsgpackWriter } from './writer.ts';

/** MessagePack: null, booleans, numbers, bigints of 64 bits, texts, bytes, lists, plain records and Dates, small. */
export const msgpackCodec: Codec = {
  encode(value): Encoded {
    try {
      const writer = new MsgpackWriter();
      writer.write(value, 0);
      return { encoding: 'msgpack', content: writer.end() };
    } catch (error) {
      if (isUnderstudyError(error)) throw error;
      throw invalidValue('what MessagePack can hold', `a ${typeof value} that cannot be written`, error);
    }
  },
};
