import { define } from '../../define.ts';
import { MAX_DEPTH } from '../tags.ts';
import { joinTime, TIMESTAMP } from './timestamp.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The value of one MessagePack text. Throws for anything else, and takes no more memory than the bytes account for. */
export function readMsgpack(bytes: Uint8Array): unknown {
  const reader = new MsgpackReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const value = reader.read(0);
  reader.end();
  return value;
}

class MsgpackReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new Error('bytes behind the value');
  }

  read(depth: number): unknown {
    if (depth > MAX_DEPTH + 1) throw new Error('too deep');
    const head = this.#bytes.readUInt8(this.#at++);
    if (head < 0x80) return head;
    if (head >= 0xe0) return head - 0x1_00;
    if (head < 0x90) return this.#record(head & 0x0f, depth);
    if (head < 0xa0) return this.#list(head & 0x0f, depth);
    if (head < 0xc0) return this.#text(head & 0x1f);
    return this.#headed(head, depth);
  }

  #headed(head: number, depth: number): unknown {
    switch (head) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        // In memory of its own, so that it does not keep all of what is read alive.
        return Buffer.from(this.#take(this.#unsigned(1 << (head - 0xc4))));
      case 0xc7:
        return this.#time();
      case 0xca:
        return this.#bytes.readFloatBE(this.#skip(4));
      case 0xcb:
        return this.#bytes.readDoubleBE(this.#skip(8));
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#unsigned(1 << (head - 0xcc));
      case 0xcf:
        return this.#bytes.readBigUInt64BE(this.#skip(8));
      case 0xd0:
      case 0xd1:
      case 0xd2:
        return this.#signed(1 << (head - 0xd0));
      case 0xd3:
        return this.#bytes.readBigInt64BE(this.#skip(8));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#unsigned(1 << (head - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.#list(this.#unsigned(2 << (head - 0xdc)), depth);
      case 0xde:
      case 0xdf:
        return this.#record(this.#unsigned(2 << (head - 0xde)), depth);
      default:
        throw new Error('a type that no codec writes');
    }
  }

  #list(length: number, depth: number): unknown[] {
    const list: unknown[] = [];
    for (let at = 0; at < length; at++) list.push(this.read(depth + 1));
    return list;
  }

  #record(length: number, depth: number): object {
    const record = {};
    for (let at = 0; at < length; at++) {
      const name = this.read(depth + 1);
      if (typeof name !== 'string') throw new Error('a name that is no text');
      define(record, name, this.read(depth + 1));
    }
    return record;
  }

  #text(length: number): string {
    return UTF8.decode(this.#take(length));
  }

  #time(): Date {
    const length = this.#bytes.readUInt8(this.#at++);
    const type = this.#bytes.readInt8(this.#at++);
    if (length !== 12 || type !== TIMESTAMP) throw new Error('an extension that no codec writes');
    const nanoseconds = this.#unsigned(4);
    return joinTime({ seconds: Number(this.#bytes.readBigInt64BE(this.#skip(8))), nanoseconds });
  }

  #unsigned(size: number): number {
    return this.#bytes.readUIntBE(this.#skip(size), size);
  }

  #signed(size: number): number {
    return this.#bytes.readIntBE(this.#skip(size), size);
  }

  #take(length: number): Buffer {
    const from = this.#skip(length);
    return this.#bytes.subarray(from, this.#at);
  }

  /** Where the next bytes begin; throws where there are not so many. */
  #skip(length: number): number {
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new Error('cut short');
    return from;
  }
}
