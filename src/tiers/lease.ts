/** One request about the lease to load a key, which all processes share. `ttl` is in milliseconds. */
export type LeaseRequest =
  | {
      /** `look` takes nothing. */
      readonly op: 'look' | 'take';
      readonly key: string;
      readonly token: string;
      readonly ttl: number;
      /** Digest of something at the key that does not count: it cannot be read, or is to be loaded anew. */
      readonly discounted?: string | undefined;
    }
  | {
      /** Stores what was loaded. One that was not `granted` here is stored where there is nothing newer. */
      readonly op: 'fulfil';
      readonly key: string;
      readonly token: string;
      readonly stored: string;
      readonly ttl: number;
      readonly granted: boolean;
    }
  | { readonly op: 'release'; readonly key: string; readonly token: string };

/** How one request ended. */
export type LeaseAnswer =
  /** The lease is the asker's; after a `look` it could be. */
  | { readonly status: 'granted' }
  /** There is something at the key. */
  | { readonly status: 'present'; readonly digest: string }
  /** Somebody else has the lease, for so many milliseconds more. */
  | { readonly status: 'held'; readonly remaining: number }
  | { readonly status: 'stored' }
  /** The key was deleted or written since, or the lease lapsed: nothing was stored. */
  | { readonly status: 'void' }
  | { readonly status: 'released' }
  /** Not carried out, or nobody knows whether it was. */
  | { readonly status: 'failed' };

export const LEASE_FAILED: LeaseAnswer = Object.freeze({ status: 'failed' });
