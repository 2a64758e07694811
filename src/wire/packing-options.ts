/** How values are written. */
export const CODEC_NAMES = ['json', 'msgpack', 'structured', 'raw'] as const;
export type CodecName = (typeof CODEC_NAMES)[number];

export const ALGORITHM_NAMES = ['zstd', 'gzip', 'brotli'] as const;
export type AlgorithmName = (typeof ALGORITHM_NAMES)[number];

/** The highest level of each. */
export const MAX_LEVELS: Readonly<Record<AlgorithmName, number>> = { zstd: 22, gzip: 9, brotli: 11 };

/** `encrypt` hides values and shows when one was changed; `sign` only shows that. */
export const SEAL_MODES = ['encrypt', 'sign'] as const;
export type SealMode = (typeof SEAL_MODES)[number];

/** Least characters of a secret. */
export const MIN_SECRET = 32;

export interface SealKey {
  /** Stands in every envelope that is sealed with it. */
  readonly id: string;
  readonly secret: string;
}

/**
 * What those who read the same value are handed. `copy`: each a value of its own. `freeze`: one for all, frozen; what cannot
 * be frozen, as Dates and Maps, is copied. `shared`: one for all, and everybody is trusted not to change it.
 */
export const ISOLATIONS = ['copy', 'freeze', 'shared'] as const;
export type Isolation = (typeof ISOLATIONS)[number];
