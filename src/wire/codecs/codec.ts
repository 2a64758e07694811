import { UnderstudyError } from '../../runtime/errors.ts';

/** How a value was written, as its envelope says; `json` goes without saying. One codec may write in several ways. */
export type Encoding = 'json' | 'rich' | 'structured' | 'msgpack' | 'bytes';

/** A value as it was written: JSON text, or bytes. */
export type Content = string | Uint8Array;

export interface Encoded {
  readonly encoding: Encoding;
  readonly content: Content;
}

/** Writes values. What it wrote is read by its encoding, whatever codec is configured by then. */
export interface Codec {
  /** Throws INVALID_VALUE for what it cannot hold. */
  encode(value: unknown): Encoded;
}

/** Neither the value nor anything in it is repeated. */
export function invalidValue(expected: string, given: string, cause?: unknown): UnderstudyError {
  const options = cause === undefined ? undefined : { cause };
  return new UnderstudyError('INVALID_VALUE', `value: expected ${expected}, got ${given}`, options);
}
