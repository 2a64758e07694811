import { promisify } from 'node:util';
import zlib, { constants } from 'node:zlib';
import type { AlgorithmName } from './packing-options.ts';

/** The compression of the runtime, at once or on its thread pool. */
export interface Algorithm {
  /** Default level. */
  readonly level: number;
  compress(bytes: Uint8Array, level: number): Buffer;
  compressAside(bytes: Uint8Array, level: number): Promise<Buffer>;
  /** Throws for what it did not compress, and for what is longer than `limit` bytes. */
  decompress(bytes: Uint8Array, limit: number): Buffer;
  decompressAside(bytes: Uint8Array, limit: number): Promise<Buffer>;
}

const bounded = (limit: number) => ({ maxOutputLength: limit });

const zstdAt = (level: number, size: number) => ({
  params: { [constants.ZSTD_c_compressionLevel]: level },
  pledgedSrcSize: size,
});
const zstdAside = promisify<Uint8Array, zlib.ZstdOptions, Buffer>(zlib.zstdCompress);
const unzstdAside = promisify<Uint8Array, zlib.ZstdOptions, Buffer>(zlib.zstdDecompress);

const brotliAt = (level: number, size: number) => ({
  params: { [constants.BROTLI_PARAM_QUALITY]: level, [constants.BROTLI_PARAM_SIZE_HINT]: size },
});
const brotliAside = promisify<Uint8Array, zlib.BrotliOptions, Buffer>(zlib.brotliCompress);
const unbrotliAside = promisify<Uint8Array, zlib.BrotliOptions, Buffer>(zlib.brotliDecompress);

const gzipAside = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip);
const gunzipAside = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gunzip);

const ALGORITHMS: Readonly<Record<AlgorithmName, Algorithm>> = {
  zstd: {
    level: 3,
    compress: (bytes, level) => zlib.zstdCompressSync(bytes, zstdAt(level, bytes.length)),
    compressAside: (bytes, level) => zstdAside(bytes, zstdAt(level, bytes.length)),
    decompress: (bytes, limit) => zlib.zstdDecompressSync(bytes, bounded(limit)),
    decompressAside: (bytes, limit) => unzstdAside(bytes, bounded(limit)),
  },
  gzip: {
    level: 6,
    compress: (bytes, level) => zlib.gzipSync(bytes, { level }),
    compressAside: (bytes, level) => gzipAside(bytes, { level }),
    decompress: (bytes, limit) => zlib.gunzipSync(bytes, bounded(limit)),
    decompressAside: (bytes, limit) => gunzipAside(bytes, bounded(limit)),
  },
  brotli: {
    // That of the runtime is 11, a hundred times as slow.
    level: 4,
    compress: (bytes, level) => zlib.brotliCompressSync(bytes, brotliAt(level, bytes.length)),
    compressAside: (bytes, level) => brotliAside(bytes, brotliAt(level, bytes.length)),
    decompress: (bytes, limit) => zlib.brotliDecompressSync(bytes, bounded(limit)),
    decompressAside: (bytes, limit) => unbrotliAside(bytes, bounded(limit)),
  },
};

export function algorithmOf(name: AlgorithmName): Algorithm {
  return ALGORITHMS[name];
}

export function isAlgorithm(name: string): name is AlgorithmName {
  return Object.hasOwn(ALGORITHMS, name);
}
