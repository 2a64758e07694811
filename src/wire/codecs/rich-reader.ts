import { define } from '../define.ts';
import { ERRORS, MARK, MAX_SOURCE, type Tag } from './tags.ts';

/** The value of tagged JSON. Throws for what no writer wrote; runs nothing that it reads. */
export function readRich(text: string): unknown {
  return new RichReader(false).read(JSON.parse(text));
}

export function readStructured(text: string): unknown {
  return new RichReader(true).read(JSON.parse(text));
}

const NUMBERS = new Map<unknown, number>([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
]);

const ARRAYS = new Map<unknown, new (memory: ArrayBuffer) => object>([
  ['Int8Array', Int8Array],
  ['Uint8Array', Uint8Array],
  ['Uint8ClampedArray', Uint8ClampedArray],
  ['Int16Array', Int16Array],
  ['Uint16Array', Uint16Array],
  ['Int32Array', Int32Array],
  ['Uint32Array', Uint32Array],
  ['Float32Array', Float32Array],
  ['Float64Array', Float64Array],
  ['BigInt64Array', BigInt64Array],
  ['BigUint64Array', BigUint64Array],
  ['DataView', DataView],
]);

/** What is parsed is its own, so it is changed where it stands. */
class RichReader {
  readonly #structured: boolean;
  /** Objects in the order in which they were written. */
  readonly #known: object[] = [];

  constructor(structured: boolean) {
    this.#structured = structured;
  }

  read(node: unknown): unknown {
    if (typeof node !== 'object' || node === null) return node;
    if (Array.isArray(node)) return this.#items(this.#know(node), node);
    const names = Object.keys(node);
    const [name = ''] = names;
    if (names.length === 1 && name.startsWith(MARK) && !name.startsWith(MARK + MARK))
      return this.#tagged(name.slice(MARK.length), Reflect.get(node, name));
    return this.#record(node as Record<string, unknown>, names);
  }

  #know<T extends object>(object: T): T {
    if (this.#structured) this.#known.push(object);
    return object;
  }

  #items<T extends unknown[]>(into: T, items: readonly unknown[]): T {
    for (let at = 0; at < items.length; at++) into[at] = this.read(items[at]);
    return into;
  }

  #record(node: Record<string, unknown>, names: readonly string[]): object {
    const marked = names.some((name) => name.startsWith(MARK));
    const record = this.#know(marked ? {} : node);
    for (const name of names) {
      if (name.startsWith(MARK) && !name.startsWith(MARK + MARK)) throw unread('a name');
      define(record, name.startsWith(MARK) ? name.slice(MARK.length) : name, this.read(node[name]));
    }
    return record;
  }

  #tagged(tag: string, content: unknown): unknown {
    switch (tag as Tag) {
      case 'date':
        return this.#know(dateOf(content));
      case 'map': {
        const map = this.#know(new Map());
        for (const [key, value] of listOf(content).map(pairOf)) map.set(this.read(key), this.read(value));
        return map;
      }
      case 'set': {
        const set = this.#know(new Set());
        for (const member of listOf(content)) set.add(this.read(member));
        return set;
      }
      case 'bigint':
        if (!/^-?\d+$/.test(textOf(content))) throw unread(tag);
        return BigInt(textOf(content));
      case 'number': {
        const number = NUMBERS.get(content);
        if (number === undefined) throw unread(tag);
        return number;
      }
      case 'undefined':
        return undefined;
      case 'bytes':
        return this.#know(bytesOf(pairOf(content)));
      case 'regexp':
        return this.#know(regExpOf(pairOf(content)));
      case 'error':
        return this.#error(content);
      case 'ref':
        return this.#ref(content);
      default:
        throw unread('a tag');
    }
  }

  #ref(content: unknown): object {
    const object = typeof content === 'number' ? this.#known[content] : undefined;
    if (object === undefined) throw unread('ref');
    return object;
  }

  #error(content: unknown): Error {
    if (typeof content !== 'object' || content === null) throw unread('error');
    const { kind, name, message, cause, errors, properties } = content as Record<string, unknown>;
    const text = textOf(message);
    const make = ERRORS.get(kind);
    if (make === undefined) throw unread('error');
    const error = this.#know(errors === undefined ? new make(text) : new AggregateError([], text));
    const named = textOf(name ?? error.name);
    // Where it was thrown is not kept, and where it is read is no help to anybody.
    hide(error, 'stack', `${named}: ${text}`);
    if (error.name !== named) hide(error, 'name', named);
    if (cause !== undefined) hide(error, 'cause', this.read(cause));
    if (errors !== undefined) hide(error, 'errors', this.read(listOf(errors)));
    if (properties !== undefined) this.#properties(error, properties);
    return error;
  }

  /** They are no object of their own. */
  #properties(error: Error, properties: unknown): void {
    if (typeof properties !== 'object' || properties === null) throw unread('error');
    for (const [name, value] of Object.entries(properties))
      define(error, name.startsWith(MARK) ? name.slice(MARK.length) : name, this.read(value));
  }
}

function hide(error: Error, name: string, value: unknown): void {
  Object.defineProperty(error, name, { value, configurable: true, writable: true, enumerable: false });
}

function dateOf(content: unknown): Date {
  if (content === null) return new Date(Number.NaN);
  const date = new Date(textOf(content));
  if (Number.isNaN(date.getTime())) throw unread('date');
  return date;
}

function bytesOf([name, base64]: readonly unknown[]): object {
  const bytes = Buffer.from(textOf(base64), 'base64');
  if (name === 'Buffer') return bytes;
  // In memory of its own: that of a small Buffer is shared.
  const memory = Uint8Array.from(bytes).buffer;
  if (name === 'ArrayBuffer') return memory;
  const kind = ARRAYS.get(name);
  if (kind === undefined) throw unread('bytes');
  return new kind(memory);
}

function regExpOf([source, flags]: readonly unknown[]): RegExp {
  if (textOf(source).length > MAX_SOURCE) throw unread('regexp');
  return new RegExp(textOf(source), textOf(flags));
}

function textOf(content: unknown): string {
  if (typeof content !== 'string') throw unread('text');
  return content;
}

function listOf(content: unknown): unknown[] {
  if (!Array.isArray(content)) throw unread('list');
  return content;
}

function pairOf(content: unknown): readonly [unknown, unknown] {
  const { length, 0: one, 1: other } = listOf(content);
  if (length !== 2) throw unread('pair');
  return [one, other];
}

function unread(what: string): Error {
  return new Error(`not what a codec writes: ${what}`);
}
