import { types } from 'node:util';
import { UnderstudyError } from '../runtime/errors.ts';
import { isPlain } from '../wire/codecs/plain.ts';

/**
 * A reply as JSON. Over HTTP values travel as JSON has them: what it has no form for is put as near as it can be, and what it
 * was is not told. Throws INVALID_VALUE for what contains itself.
 */
export function replyText(reply: unknown): string {
  const whole = { reply };
  try {
    const text = JSON.stringify(whole);
    if (isPlain(whole)) return text;
  } catch {
    // A bigint; or what cannot be put otherwise either.
  }
  try {
    return JSON.stringify(whole, nearest);
  } catch (error) {
    throw circular(error);
  }
}

function circular(cause: unknown): UnderstudyError {
  const expected = 'expected a value that JSON can hold, got one that contains itself';
  return new UnderstudyError('INVALID_VALUE', `reply: ${expected}`, { cause });
}

/** What stands for a value; Dates and Buffers have said so themselves by now, so the original is looked at. */
function nearest(this: unknown, name: string, put: unknown): unknown {
  if (typeof put === 'bigint') return String(put);
  const value: unknown = typeof this === 'object' && this !== null ? Reflect.get(this, name) : put;
  if (typeof value !== 'object' || value === null) return put;
  if (types.isMap(value) || types.isSet(value)) return [...value];
  if (ArrayBuffer.isView(value)) return base64(value.buffer, value.byteOffset, value.byteLength);
  if (types.isArrayBuffer(value)) return base64(value, 0, value.byteLength);
  if (types.isRegExp(value)) return String(value);
  return types.isNativeError(value) ? { ...value, name: value.name, message: value.message } : put;
}

function base64(memory: ArrayBufferLike, from: number, length: number): string {
  return Buffer.from(memory, from, length).toString('base64');
}
