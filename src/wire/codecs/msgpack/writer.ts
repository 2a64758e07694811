import { types } from 'node:util';
import { invalidValue } from '../codec.ts';
import { MAX_DEPTH } from '../tags.ts';
import { splitTime, TIMESTAMP } from './timestamp.ts';

const FIRST = 256;

/** Writes one value as MessagePack. A bigint has 64 bits always, and a number never, so that each is read as what it was. */
export class MsgpackWriter {
  #bytes = Buffer.allocUnsafe(FIRST);
  #at = 0;
  /** Objects that the present one is in. */
  readonly #above = new Set<object>();

  end(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  write(value: unknown, depth: number): void {
    switch (typeof value) {
      case 'string':
        this.#text(value);
        break;
      case 'number':
        this.#number(value);
        break;
      case 'boolean':
        this.#byte(value ? 0xc3 : 0xc2);
        break;
      case 'bigint':
        this.#bigint(value);
        break;
      case 'object':
        if (value === null) this.#byte(0xc0);
        else this.#object(value, depth);
        break;
      default:
        throw refused(value === undefined ? 'undefined' : `a ${typeof value}`);
    }
  }

  #object(object: object, depth: number): void {
    if (object instanceof Uint8Array) this.#binary(object);
    else if (types.isDate(object)) this.#date(object);
    else {
      if (depth >= MAX_DEPTH) throw refused(`a value of more than ${MAX_DEPTH} levels`);
      if (this.#above.has(object)) throw refused('a value that contains itself');
      this.#above.add(object);
      if (Array.isArray(object)) {
        this.#head(object.length, 0x90, 16, [undefined, 0xdc, 0xdd]);
        for (const item of object) this.write(item, depth + 1);
      } else this.#record(object, depth + 1);
      this.#above.delete(object);
    }
  }

  #record(object: object, depth: number): void {
    const prototype: unknown = Object.getPrototypeOf(object);
    if (prototype !== Object.prototype && prototype !== null) throw refused('an instance of a class');
    // What JSON leaves out as well.
    const entries = Object.entries(object).filter(([, value]) => value !== undefined);
    this.#head(entries.length, 0x80, 16, [undefined, 0xde, 0xdf]);
    for (const [name, value] of entries) {
      this.#text(name);
      this.write(value, depth);
    }
  }

  #number(value: number): void {
    const whole = (value | 0) === value && !Object.is(value, -0);
    if (!whole) {
      this.#byte(0xcb);
      this.#at = this.#room(8).writeDoubleBE(value, this.#at);
    } else if (value >= -32 && value < 128) this.#byte(value & 0xff);
    else if (value >= -0x80 && value < 0x80) {
      this.#byte(0xd0);
      this.#at = this.#room(1).writeInt8(value, this.#at);
    } else if (value >= -0x8000 && value < 0x8000) {
      this.#byte(0xd1);
      this.#at = this.#room(2).writeInt16BE(value, this.#at);
    } else {
      this.#byte(0xd2);
      this.#at = this.#room(4).writeInt32BE(value, this.#at);
    }
  }

  #bigint(value: bigint): void {
    if (BigInt.asIntN(64, value) === value) {
      this.#byte(0xd3);
      this.#at = this.#room(8).writeBigInt64BE(value, this.#at);
    } else if (BigInt.asUintN(64, value) === value) {
      this.#byte(0xcf);
      this.#at = this.#room(8).writeBigUInt64BE(value, this.#at);
    } else throw refused('a bigint of more than 64 bits');
  }

  #text(text: string): void {
    // Lone surrogates all turn into the same replacement character.
    if (!text.isWellFormed()) throw refused('a text with a lone surrogate');
    const length = Buffer.byteLength(text);
    this.#head(length, 0xa0, 32, [0xd9, 0xda, 0xdb]);
    this.#at += this.#room(length).write(text, this.#at);
  }

  #binary(bytes: Uint8Array): void {
    this.#head(bytes.length, 0, 0, [0xc4, 0xc5, 0xc6]);
    this.#room(bytes.length).set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #date(date: Date): void {
    if (Number.isNaN(date.getTime())) throw refused('an invalid Date');
    const { seconds, nanoseconds } = splitTime(date.getTime());
    this.#byte(0xc7);
    this.#byte(12);
    this.#byte(TIMESTAMP & 0xff);
    this.#at = this.#room(4).writeUInt32BE(nanoseconds, this.#at);
    this.#at = this.#room(8).writeBigInt64BE(BigInt(seconds), this.#at);
  }

  /** A length: in the first byte itself below `few`, else behind the byte for 8, 16 or 32 bits of it. */
  #head(
    length: number,
    fixed: number,
    few: number,
    [of8, of16, of32]: readonly [number | undefined, number, number],
  ): void {
    if (length < few) this.#byte(fixed | length);
    else if (of8 !== undefined && length < 0x1_00) {
      this.#byte(of8);
      this.#byte(length);
    } else if (length < 0x1_0000) {
      this.#byte(of16);
      this.#at = this.#room(2).writeUInt16BE(length, this.#at);
    } else {
      this.#byte(of32);
      this.#at = this.#room(4).writeUInt32BE(length, this.#at);
    }
  }

  #byte(byte: number): void {
    this.#at = this.#room(1).writeUInt8(byte, this.#at);
  }

  /** With room for so many bytes more. */
  #room(more: number): Buffer {
    const needed = this.#at + more;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, this.#at));
      this.#bytes = larger;
    }
    return this.#bytes;
  }
}

function refused(given: string): Error {
  return invalidValue(
    'null, a boolean, number, bigint of 64 bits, text, Buffer, Date, list or plain object of these',
    given,
  );
}
