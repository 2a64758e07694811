import type { Marks } from '../wire/marker.ts';
import type { LeaseAnswer, LeaseRequest } from './lease.ts';

/** Which tier answered. */
export type TierName = 'memory' | 'redis' | 'postgres';

/** One change, as plain data. `version` orders it against all others; `ttl` is in milliseconds. */
export type Write =
  | {
      readonly op: 'set';
      readonly key: string;
      readonly version: string;
      readonly ttl: number;
      readonly stored: string;
      /** What it was put together from: on a Redis that has heard of the first already, only the rest is to be made. */
      readonly origin?: Origin;
    }
  | { readonly op: 'delete'; readonly key: string; readonly version: string }
  | {
      readonly op: 'touch';
      readonly key: string;
      readonly version: string;
      readonly ttl: number;
      readonly fresh: number;
      /** The marker that what is touched must be newer than; what is not is as if it were not there. */
      readonly guard?: string | undefined;
      /** What it says, as far as is known here, for tiers that cannot look there. */
      readonly floor?: string | undefined;
    }
  | {
      readonly op: 'increment';
      readonly key: string;
      readonly version: string;
      readonly ttl: number;
      readonly fresh: number;
      /** What is added: the sum of `deltas` where there are any. */
      readonly by: number;
      /** Slip on which Redis notes, with the change itself, that it was made; see Receipts. */
      readonly receipt?: string;
      /** Of which parts it is made up. Without them it is one part, named by the version. */
      readonly deltas?: readonly Delta[];
      /** Until when the key is fresh if it exists already: it was touched as well. */
      readonly touched?: number;
      /** As of a touch. */
      readonly guard?: string | undefined;
      readonly floor?: string | undefined;
    }
  | Mark;

/** A change of a marker: what it says afterwards is the latest of what it said and what is said here, in whatever order. */
export interface Mark extends Marks {
  readonly op: 'mark';
  readonly key: string;
  readonly version: string;
  /** Milliseconds that it is kept at least. */
  readonly ttl: number;
}

/** A set or a delete, and the touches and increments that came after it. */
export interface Origin {
  readonly base: Write;
  readonly after: Write;
}

/** A part of an increment that is added as a whole, and once. */
export interface Delta {
  /** Version of the last increment in it, which names it for ever. */
  readonly id: string;
  readonly by: number;
  /** Slip of the batch in which it was sent, if it was: it may have been added already. */
  readonly receipt?: string;
  /** It was to begin a counter whose time is over by now: it counts only where there is one. */
  readonly lapsed?: true;
}

/** How one change ended. */
export type Outcome =
  /**
   * Applied. `existed` for delete and touch, `value` for increment, `replicas` where it was asked how many have it. Of a
   * replay `existed` says that the tier held this very version already.
   */
  | {
      readonly status: 'done';
      readonly existed?: boolean;
      readonly value?: number;
      readonly replicas?: number;
    }
  /** The tier holds something newer; nothing was changed. Replays only. */
  | { readonly status: 'superseded' }
  /** The key does not hold a number that can be incremented; nothing was changed. */
  | { readonly status: 'not-a-number' }
  /** The tier could not apply it, or nobody knows whether it did. */
  | { readonly status: 'failed'; readonly error: Error };

export interface ScanPage {
  readonly keys: readonly string[];
  /** Where to go on; undefined at the end. */
  readonly cursor: string | undefined;
}

type Awaitable<T> = T | Promise<T>;

/** A place that keeps stored texts by key. Every implementation passes the same conformance suite. */
export interface Tier {
  readonly name: TierName;
  /** The stored text of each key, in order; null where there is none, undefined where it could not be read. */
  read(keys: readonly string[]): Awaitable<readonly (string | null | undefined)[]>;
  /** Applies changes unconditionally, in order. With `wait`, outcomes say how many replicas have them, given a little time. */
  write(writes: readonly Write[], wait?: number): Awaitable<readonly Outcome[]>;
  /** Applies changes only where the tier holds nothing newer: for what comes late. */
  replay(writes: readonly Write[]): Awaitable<readonly Outcome[]>;
  /** One page of the keys that begin with `prefix`; a key may come twice. */
  scan(prefix: string, cursor: string | undefined, count: number): Awaitable<ScanPage>;
}

/** What a successful probe learned. Milliseconds. */
export interface ProbeReport {
  readonly serverTime: number;
  readonly roundTrip: number;
}

/** The other end of a connection. */
export interface Peer {
  readonly address: string;
  readonly port: number;
}

/** A tier behind a connection, which is made and broken from outside. */
export interface RemoteTier extends Tier {
  /** Whether commands can be sent right now. */
  readonly connected: boolean;
  /** Where it is configured to be, for spans; without credentials. The port where that is not the usual one. */
  readonly address: { readonly host: string; readonly port: number | undefined };
  /** The end of the connection, where there is one and it is known. */
  readonly peer?: Peer | undefined;
  /** The server that it is connected to, where it is a single one that may be replaced. */
  readonly server?: string | undefined;
  /**
   * Makes a fresh connection and sees it work: the server answers, has loaded its data and takes writes. Throws when it
   * does not, and leaves nothing behind.
   */
  connect(): Promise<ProbeReport>;
  /** Takes, fulfils and gives back leases that all processes share, in order. */
  lease(requests: readonly LeaseRequest[]): Promise<readonly LeaseAnswer[]>;
  /** One page of the keys that begin with `prefix` and are leased. */
  scanLeases(prefix: string, cursor: string | undefined, count: number): Promise<ScanPage>;
  /** Sees the present connection work, or makes a fresh one. */
  probe(): Promise<ProbeReport>;
  /**
   * Remembers that everything with this prefix was cleared: replays of what is older are superseded. With `spared`, only
   * where there is nothing, and not what these instances changed.
   */
  clear(prefix: string, version: string, spared?: readonly string[]): Promise<void>;
  /** The list of the keys that are asked for most, as it was kept last; null where there is none. */
  recall(): Promise<string | null>;
  /** Keeps that list for so many milliseconds; with `anew` only where there is none. Tells whether it did. */
  remember(text: string, ttl: number, anew: boolean): Promise<boolean>;
  /** Drops the connection and whatever was in flight on it. */
  disconnect(): void;
}

export const DONE: Outcome = Object.freeze({ status: 'done' });
/** A late change that was there already. */
export const HELD: Outcome = Object.freeze({ status: 'done', existed: true });
export const SUPERSEDED: Outcome = Object.freeze({ status: 'superseded' });
export const NOT_A_NUMBER: Outcome = Object.freeze({ status: 'not-a-number' });

/** A batch that counts as failed although some of its changes may have been applied: `outcomes` tells which. */
export class BatchFailure extends Error {
  readonly outcomes: readonly Outcome[];

  constructor(outcomes: readonly Outcome[], cause: Error) {
    super(cause.message, { cause });
    this.name = 'BatchFailure';
    this.outcomes = outcomes;
  }
}
