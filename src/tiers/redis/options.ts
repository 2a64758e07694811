import type { ConnectionOptions } from 'node:tls';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where Redis is: one server (address or Unix socket), a Sentinel group, or a Cluster. */
export type Topology =
  | { readonly kind: 'standalone'; readonly address: Address | { readonly path: string } }
  | {
      readonly kind: 'sentinel';
      readonly name: string;
      readonly sentinels: readonly Address[];
      readonly sentinelPassword?: string | undefined;
    }
  | { readonly kind: 'cluster'; readonly nodes: readonly Address[] };

/** How to reach Redis, fully resolved. Times are in milliseconds. */
export interface RedisTierOptions {
  readonly topology: Topology;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly database: number;
  readonly tls?: ConnectionOptions | undefined;
  /** Until a connection that is not ready is given up. */
  readonly connectTimeout: number;
  /** Prefix of every key. */
  readonly prefix: string;
  /** How long a deletion is remembered. */
  readonly tombstoneTtl: number;
  /** How long the receipts of increments are kept. Default: a day. */
  readonly receiptTtl?: number;
  /**
   * How long whoever sends changes waits for them. Changes that reach the server later are not made: their sender has
   * given up, and may have made others since. Without it they are.
   */
  readonly commandTimeout?: number;
}
