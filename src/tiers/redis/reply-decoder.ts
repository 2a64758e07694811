import { isAscii } from 'node:buffer';

/** What a server answers to one command: RESP2, with bulk strings as text. */
export type Reply = string | number | null | ReplyError | Reply[];

/** An error that the server itself answered. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError';
}

/** An array of which not all items have come. */
interface OpenArray {
  readonly items: Reply[];
  readonly length: number;
}

const CR = 0x0d;
const MINUS = 0x2d;
const ZERO = 0x30;

const ARRAY = 0x2a; // *
const BULK = 0x24; // $
const INTEGER = 0x3a; // :
const SIMPLE = 0x2b; // +
const ERROR = 0x2d; // -

/**
 * Turns what arrives on a connection into replies, wherever it is cut: see the Redis serialization protocol specification.
 * What came of an array is kept, so that no item is decoded twice; the chunks of a long string are joined once. Throws on
 * bytes that are none of it.
 */
export class ReplyDecoder {
  readonly #onReply: (reply: Reply) => void;
  readonly #arrays: OpenArray[] = [];
  #data: Buffer = Buffer.alloc(0);
  /** All of the data as text where that is ASCII: then each string is a slice of it, and none has to be decoded. */
  #text: string | undefined;
  #at = 0;
  /** What came of an item that is not whole, and how many bytes there must be for it to be worth another look. */
  #gathered: Buffer[] = [];
  #length = 0;
  #wanted = 0;

  constructor(onReply: (reply: Reply) => void) {
    this.#onReply = onReply;
  }

  write(chunk: Buffer): void {
    if (!this.#take(chunk)) return;
    const data = this.#data;
    this.#text = isAscii(data) ? data.toString('latin1') : undefined;
    while (this.#at < data.length) {
      const start = this.#at;
      const item = this.#item(data[start]);
      if (item === undefined) {
        this.#keep(start);
        return;
      }
      this.#deliver(item);
    }
    this.#text = undefined;
  }

  /** False while what came is known to be too little. */
  #take(chunk: Buffer): boolean {
    this.#at = 0;
    this.#data = chunk;
    if (this.#length === 0) return true;
    this.#gathered.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#wanted) return false;
    this.#data = Buffer.concat(this.#gathered, this.#length);
    this.#gathered = [];
    this.#length = 0;
    return true;
  }

  #keep(start: number): void {
    const rest = this.#data.subarray(start);
    this.#text = undefined;
    this.#gathered.push(rest);
    this.#length = rest.length;
  }

  /** The next item, or undefined when not all of it is there. */
  #item(type: number | undefined): Reply | OpenArray | undefined {
    this.#wanted = 0;
    if (type === BULK) return this.#bulk();
    if (type === ARRAY) {
      const length = this.#integer();
      if (length === undefined || length > 0) return length && { items: [], length };
      return length < 0 ? null : [];
    }
    if (type === INTEGER) return this.#integer();
    if (type !== SIMPLE && type !== ERROR) throw new Error(`expected a reply of Redis, got the byte ${type}`);
    const line = this.#line();
    return line === undefined || type === SIMPLE ? line : new ReplyError(line);
  }

  #bulk(): string | null | undefined {
    const start = this.#at;
    const length = this.#integer();
    if (length === undefined) return undefined;
    if (length < 0) return null;
    const from = this.#at;
    const end = from + length;
    if (end + 2 > this.#data.length) {
      this.#wanted = end + 2 - start;
      return undefined;
    }
    this.#at = end + 2;
    return this.#text === undefined ? this.#data.toString('utf8', from, end) : this.#text.slice(from, end);
  }

  /** A number and the end of its line; moves behind it. */
  #integer(): number | undefined {
    const data = this.#data;
    let at = this.#at + 1;
    const negative = data[at] === MINUS;
    if (negative) at++;
    let value = 0;
    for (; at < data.length; at++) {
      const digit = (data[at] ?? 0) - ZERO;
      if (digit >= 0 && digit <= 9) value = value * 10 + digit;
      else if (data[at] === CR) break;
      else throw new Error(`expected a number from Redis, got the byte ${data[at]}`);
    }
    if (at + 2 > data.length) return undefined;
    this.#at = at + 2;
    return negative ? -value : value;
  }

  #line(): string | undefined {
    const end = this.#data.indexOf('\r\n', this.#at);
    if (end < 0) return undefined;
    const line = this.#data.toString('utf8', this.#at + 1, end);
    this.#at = end + 2;
    return line;
  }

  /** What is whole may be the last item of an array, and that of another. */
  #deliver(item: Reply | OpenArray): void {
    if (isOpen(item)) {
      this.#arrays.push(item);
      return;
    }
    let whole: Reply = item;
    for (let array = this.#arrays.at(-1); array !== undefined; array = this.#arrays.at(-1)) {
      array.items.push(whole);
      if (array.items.length < array.length) return;
      whole = array.items;
      this.#arrays.pop();
    }
    this.#onReply(whole);
  }
}

function isOpen(item: Reply | OpenArray): item is OpenArray {
  return typeof item === 'object' && item !== null && 'items' in item;
}
