import { Lru } from './policies/lru.ts';
import { Optimum } from './policies/optimum.ts';
import type { Bounds, Policy } from './policies/policy.ts';
import { S3Fifo } from './policies/s3-fifo.ts';
import { Sieve } from './policies/sieve.ts';
import { WTinyLfu } from './policies/w-tiny-lfu.ts';

export interface Contestant {
  readonly name: string;
  /** @param keys what will be asked for; nobody but the optimum looks */
  make(bounds: Bounds, keys: readonly string[]): Policy;
}

/** What a cache could do, in the order of the table. */
export const POLICIES: readonly Contestant[] = [
  { name: 'LRU', make: (bounds) => new Lru(bounds) },
  { name: 'S3-FIFO', make: (bounds) => new S3Fifo(bounds) },
  { name: 'S3-FIFO, 2 hits', make: (bounds) => new S3Fifo(bounds, { promoteAfter: 2 }) },
  { name: 'S3-FIFO, small 50 %', make: (bounds) => new S3Fifo(bounds, { small: 0.5 }) },
  { name: 'W-TinyLFU', make: (bounds) => new WTinyLfu(bounds) },
  { name: 'W-TinyLFU, adaptive', make: (bounds) => new WTinyLfu(bounds, { adaptive: true }) },
  { name: 'W-TinyLFU, window 80 %', make: (bounds) => new WTinyLfu(bounds, { window: 0.8 }) },
  { name: 'SIEVE', make: (bounds) => new Sieve(bounds) },
];

export const CONTESTANTS: readonly Contestant[] = [
  ...POLICIES,
  { name: 'optimum', make: (bounds, keys) => new Optimum(bounds, keys) },
];
