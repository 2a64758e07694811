import { type Codec, type Encoded, invalidValue } from './codec.ts';

/** Texts and bytes as they are, and nothing else. */
export const rawCodec: Codec = {
  encode(value): Encoded {
    if (typeof value === 'string') return { encoding: 'json', content: JSON.stringify(value) };
    if (value instanceof Uint8Array) return { encoding: 'bytes', content: value };
    throw invalidValue('a string or a Buffer', value === null ? 'null' : `a value of type ${typeof value}`);
  },
};
