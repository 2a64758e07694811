import { types } from 'node:util';
import { define } from '../define.ts';
import { invalidValue } from './codec.ts';
import { ERRORS, MARK, MAX_DEPTH, MAX_SOURCE, type Tag } from './tags.ts';

/** Tagged JSON; see tags.ts. Throws INVALID_VALUE for cycles, and whatever a `toJSON` throws. */
export function writeRich(value: unknown): string {
  return JSON.stringify(new RichWriter(false).write(value, 0));
}

/**
 * The same with the identity of objects: what is there twice, or contains itself, is so again when it is read. Throws
 * INVALID_VALUE for functions and symbols.
 */
export function writeStructured(value: unknown): string {
  return JSON.stringify(new RichWriter(true).write(value, 0));
}

class RichWriter {
  readonly #structured: boolean;
  /** Where objects came, in their order; without their identity, only those that the present one is in. */
  readonly #known = new Map<object, number>();

  constructor(structured: boolean) {
    this.#structured = structured;
  }

  /** The value as JSON can write it; undefined for what it leaves out. */
  write(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case 'number':
        return this.#number(value);
      case 'bigint':
        return tagged('bigint', String(value));
      case 'undefined':
        return tagged('undefined', true);
      case 'object':
        return value === null ? null : this.#object(value, depth);
      case 'function':
      case 'symbol':
        if (this.#structured) throw invalidValue('data', `a ${typeof value}`);
        return undefined;
      default:
        return value;
    }
  }

  #number(number: number): unknown {
    if (!Number.isFinite(number)) return tagged('number', String(number));
    return this.#structured && Object.is(number, -0) ? tagged('number', '-0') : number;
  }

  #object(object: object, depth: number): unknown {
    const known = this.#known.get(object);
    if (known !== undefined) {
      if (this.#structured) return tagged('ref', known);
      throw invalidValue('a value without cycles', 'one that contains itself');
    }
    if (depth > MAX_DEPTH) throw invalidValue(`a value of at most ${MAX_DEPTH} levels`, 'a deeper one');
    this.#known.set(object, this.#known.size);
    const written = this.#kind(object, depth + 1);
    if (!this.#structured) this.#known.delete(object);
    return written;
  }

  #kind(object: object, depth: number): unknown {
    if (Array.isArray(object)) return Array.from(object, (item) => this.write(item, depth) ?? null);
    if (types.isDate(object)) {
      return tagged('date', Number.isNaN(object.getTime()) ? null : object.toISOString());
    }
    if (types.isMap(object)) {
      const pairs = Array.from(object, ([key, held]) => [
        this.#member(key, depth),
        this.#member(held, depth),
      ]);
      return tagged('map', pairs);
    }
    if (types.isSet(object))
      return tagged(
        'set',
        Array.from(object, (held) => this.#member(held, depth)),
      );
    if (ArrayBuffer.isView(object) || types.isArrayBuffer(object)) return tagged('bytes', bytesOf(object));
    if (types.isRegExp(object)) return tagged('regexp', regExpOf(object));
    if (types.isNativeError(object)) return tagged('error', this.#error(object, depth));
    if (!this.#structured && 'toJSON' in object && typeof object.toJSON === 'function')
      return this.write(object.toJSON(''), depth);
    return this.#record(object, depth);
  }

  #member(value: unknown, depth: number): unknown {
    const written = this.write(value, depth);
    if (written !== undefined) return written;
    throw invalidValue('data in Maps and Sets', `a ${typeof value}`);
  }

  #record(object: object, depth: number): object {
    const written = {};
    for (const [name, value] of Object.entries(object)) {
      // Left out as JSON does.
      if (value === undefined && !this.#structured) continue;
      define(written, name.startsWith(MARK) ? MARK + name : name, this.write(value, depth));
    }
    return written;
  }

  #error(error: Error, depth: number): object {
    const { name, message, cause, ...properties } = error as Error & Record<string, unknown>;
    delete properties.stack;
    const { errors } = error as { errors?: unknown };
    delete properties.errors;
    const kind = kindOf(error);
    return {
      kind,
      ...(name === kind ? {} : { name: String(name) }),
      message: String(message),
      ...(cause === undefined ? {} : { cause: this.write(cause, depth) }),
      ...(Array.isArray(errors) ? { errors: this.write(errors, depth) } : {}),
      ...(Object.keys(properties).length === 0 ? {} : { properties: this.#record(properties, depth) }),
    };
  }
}

function kindOf(error: Error): string {
  for (const [name, kind] of ERRORS) if (error instanceof kind) return String(name);
  return 'Error';
}

function tagged(tag: Tag, content: unknown): object {
  return { [MARK + tag]: content };
}

function bytesOf(object: ArrayBufferView | ArrayBuffer): [kind: string, base64: string] {
  if (types.isArrayBuffer(object)) return ['ArrayBuffer', Buffer.from(object).toString('base64')];
  const { buffer, byteOffset, byteLength } = object;
  const kind = Buffer.isBuffer(object) ? 'Buffer' : object[Symbol.toStringTag as never];
  return [String(kind), Buffer.from(buffer, byteOffset, byteLength).toString('base64')];
}

function regExpOf({ source, flags }: RegExp): [source: string, flags: string] {
  if (source.length <= MAX_SOURCE) return [source, flags];
  throw invalidValue(`a RegExp of at most ${MAX_SOURCE} characters`, 'a longer one');
}
