import type { CodecName } from '../packing-options.ts';
import type { Codec, Content, Encoding } from './codec.ts';
import { jsonCodec } from './json.ts';
import { msgpackCodec } from './msgpack/codec.ts';
import { readMsgpack } from './msgpack/reader.ts';
import { rawCodec } from './raw.ts';
import { readRich, readStructured } from './rich-reader.ts';
import { structuredCodec } from './structured.ts';

export const CODECS: Readonly<Record<CodecName, Codec>> = {
  json: jsonCodec,
  msgpack: msgpackCodec,
  structured: structuredCodec,
  raw: rawCodec,
};

interface Reading {
  /** Whether what is written is JSON text. */
  readonly textual: boolean;
  /** Throws for what the codec did not write. */
  read(content: Content): unknown;
}

const text = (read: (text: string) => unknown): Reading => ({
  textual: true,
  read: (content) => read(typeof content === 'string' ? content : Buffer.from(content).toString()),
});

const bytes = (read: (bytes: Uint8Array) => unknown): Reading => ({
  textual: false,
  read: (content) => read(typeof content === 'string' ? Buffer.from(content) : content),
});

const READINGS: Readonly<Record<Encoding, Reading>> = {
  json: text((content) => JSON.parse(content)),
  rich: text(readRich),
  structured: text(readStructured),
  msgpack: bytes(readMsgpack),
  bytes: bytes((content) => Buffer.from(content)),
};

/** How what was written in a way is read; undefined for a way that this version does not know. */
export function readingOf(encoding: string): Reading | undefined {
  return Object.hasOwn(READINGS, encoding) ? READINGS[encoding as Encoding] : undefined;
}
