import type { Content, Encoded } from './codecs/codec.ts';
import { CODECS, readingOf } from './codecs/codecs.ts';
import { algorithmOf, isAlgorithm } from './compression.ts';
import { type PackedText, sayPacked } from './packed-text.ts';
import type { AlgorithmName, CodecName } from './packing-options.ts';
import type { Seal } from './seal.ts';
import type { Packed } from './stored.ts';
import { Unreadable } from './unreadable.ts';

interface CompressionOptions {
  readonly algorithm: AlgorithmName;
  /** Bytes of a written value from which on it is compressed. */
  readonly threshold: number;
  /** Default: that of the algorithm. */
  readonly level?: number | undefined;
}

export interface PackingOptions {
  /** Default: json. */
  readonly codec?: CodecName;
  readonly compression?: CompressionOptions | undefined;
  readonly seal?: Seal | undefined;
  /** Bytes from which on they are compressed, and were, on the thread pool. Default: none are. */
  readonly offload?: number;
  /** Most bytes that a compressed value may become. Default: any number. */
  readonly limit?: number;
}

const ENCRYPTED = 'encrypted';
const SIGNED = 'signed';

/** What is done to the values of some keys: written by a codec, compressed, sealed; and undone, whoever did what. */
export class Packing {
  readonly #options: Required<PackingOptions>;

  constructor({
    codec = 'json',
    compression,
    seal,
    offload = Infinity,
    limit = Infinity,
  }: PackingOptions = {}) {
    this.#options = { codec, compression, seal, offload, limit };
  }

  get sealed(): boolean {
    return this.#options.seal?.mode !== undefined;
  }

  /** Throws INVALID_VALUE. */
  encode(value: unknown): Encoded {
    const { codec } = this.#options;
    // Counters stay what Redis can add to, whoever set them.
    const plain = codec !== 'raw' && Number.isSafeInteger(value);
    return (plain ? CODECS.json : CODECS[codec]).encode(value);
  }

  /** Whether it is compressed off the event loop. */
  takesLong({ content }: Encoded): boolean {
    const { compression, offload } = this.#options;
    return compression !== undefined && content.length >= compression.threshold && content.length >= offload;
  }

  /** `said`: what else its envelope says. Large values take a while. */
  pack(key: string, { encoding, content }: Encoded, said: string): Packed | Promise<Packed> {
    const { compression, offload } = this.#options;
    if (compression === undefined || content.length < compression.threshold) {
      if (encoding === 'json' && typeof content === 'string' && !this.sealed) return { said, text: content };
      return this.#seal(key, { encoding, content }, said);
    }
    const { algorithm, level } = compression;
    const { compress, compressAside, level: usual } = algorithmOf(algorithm);
    const done = (written: Encoded, smaller: Buffer): Packed => {
      // As text in an envelope.
      const worthwhile = smaller.length * (4 / 3) + SAYING < Buffer.byteLength(written.content);
      return this.#seal(key, written, said, worthwhile ? { algorithm, smaller } : undefined);
    };
    const bytes = bytesOf(content);
    if (bytes.length < offload) return done({ encoding, content }, compress(bytes, level ?? usual));
    // Bytes may be those of the value itself, which its owner may change meanwhile.
    const own = typeof content === 'string' ? bytes : Uint8Array.from(bytes);
    const written = { encoding, content: typeof content === 'string' ? content : own };
    return compressAside(own, level ?? usual).then((smaller) => done(written, smaller));
  }

  #seal(key: string, { encoding, content }: Encoded, said: string, compressed?: Compressed): Packed {
    const { seal } = this.#options;
    const steps: string[] = compressed === undefined ? [encoding] : [encoding, compressed.algorithm];
    const length = compressed === undefined ? undefined : Buffer.byteLength(content);
    if (seal?.mode === undefined) {
      const codec = steps.join('+');
      return {
        said: codec === 'json' ? said : said + sayPacked({ codec, length }),
        text: textOf(content, compressed),
      };
    }
    const { keyId } = seal;
    if (seal.mode === 'encrypt') {
      const all = said + sayPacked({ codec: [...steps, ENCRYPTED].join('+'), length, keyId });
      const bytes = compressed?.smaller ?? bytesOf(content);
      return { said: all, text: quoted(seal.encrypt(bytes, contextOf(key, all))) };
    }
    const all = said + sayPacked({ codec: [...steps, SIGNED].join('+'), length, keyId });
    const text = textOf(content, compressed);
    return { said: `${all}${SIGNATURE}${seal.sign(text, contextOf(key, all))}"`, text };
  }

  /**
   * A promise of the value where that is large. Throws Unreadable, and whatever what is no value makes of those who read it.
   * `offload`: bytes from which on a value is large.
   */
  unpack(key: string, packed: PackedText, offload: number = this.#options.offload): unknown {
    const { codec, length } = packed;
    const [encoding = '', ...steps] = codec.split('+');
    const last = steps.at(-1);
    const seal = last === ENCRYPTED || last === SIGNED ? steps.pop() : undefined;
    if (this.sealed && seal === undefined) throw new Unreadable('unsealed');
    const [algorithm, ...rest] = steps;
    const reading = readingOf(encoding);
    if (reading === undefined || rest.length > 0) throw new Unreadable('codec');
    const opened = this.#open(key, packed, seal);
    if (algorithm === undefined) return reading.read(contentOf(opened, reading.textual));
    if (!isAlgorithm(algorithm)) throw new Unreadable('codec');
    const bytes = typeof opened === 'string' ? unquoted(opened) : opened;
    const { limit } = this.#options;
    if (length === undefined || length > limit) throw new Unreadable('bound');
    const done = (larger: Buffer): unknown => {
      if (larger.length !== length) throw new Unreadable('corrupt');
      return reading.read(larger);
    };
    const { decompress, decompressAside } = algorithmOf(algorithm);
    if (length < offload) return done(decompress(bytes, length));
    return decompressAside(bytes, length).then(done);
  }

  /** The value as it stands in the envelope, or the bytes that it was encrypted from. */
  #open(key: string, { said, text, keyId = '' }: PackedText, step: string | undefined): string | Buffer {
    if (step === undefined) return text;
    const { seal } = this.#options;
    if (seal === undefined) throw new Unreadable('unknown-key');
    if (step === ENCRYPTED) return seal.decrypt(unquoted(text), contextOf(key, said), keyId);
    const at = said.lastIndexOf(SIGNATURE);
    if (at < 0) throw new Unreadable('tampered');
    seal.verify(text, contextOf(key, said.slice(0, at)), keyId, said.slice(at + SIGNATURE.length, -1));
    return text;
  }
}

interface Compressed {
  readonly algorithm: AlgorithmName;
  readonly smaller: Buffer;
}

const SIGNATURE = ',"signature":"';

/** Characters that say that a value is compressed. */
const SAYING = 40;

/** What a value belongs to: its key, and what its envelope says of it for good. */
function contextOf(key: string, said: string): string {
  return JSON.stringify([key, said]);
}

function bytesOf(content: Content): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content) : content;
}

function textOf(content: Content, compressed: Compressed | undefined): string {
  if (compressed !== undefined) return quoted(compressed.smaller);
  return typeof content === 'string' ? content : quoted(content);
}

/** What a reading reads: text where it stands as such, else bytes. */
function contentOf(opened: string | Buffer, textual: boolean): Content {
  return typeof opened === 'string' && !textual ? unquoted(opened) : opened;
}

function quoted(bytes: Uint8Array): string {
  return `"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}"`;
}

function unquoted(text: string): Buffer {
  const base64 = text.slice(1, -1);
  const bytes = Buffer.from(base64, 'base64');
  // What is no base64 was passed over, and is missing.
  const missing = Math.ceil(bytes.length / 3) * 4 !== base64.length;
  if (missing || !text.startsWith('"') || !text.endsWith('"')) throw new Unreadable('corrupt');
  return bytes;
}
