import type { Headers } from './headers.ts';
import type { Captured, StoredReply } from './stored-reply.ts';

/** A request to a cached route, and what the cache does about it. */
export type Exchange = Answered | Passing | Leading;

/** There is a reply already: one that was stored, or the failure that another request met. */
export interface Answered {
  readonly state: 'answered';
  readonly status: string;
  readonly stored: StoredReply;
}

/** The handler replies, to this request alone. */
export interface Passing {
  readonly state: 'passing';
  /** Why, as Cache-Status says it. */
  readonly status: string;
}

/** The handler replies under a lease: others wait for what it replies. */
export interface Leading {
  readonly state: 'leading';
  readonly key: string;
  readonly lease: string;
  readonly authorized: boolean;
  /** The fields of the reply before the handler ran. */
  readonly before: Headers;
  /** What the handler replied, or why that cannot be kept. */
  captured: Captured | 'stream' | 'too-large';
  /** The lease was given back. */
  settled: boolean;
}

/** Those who waited for a reply that turned out to be a failure are given the same. */
export class SharedFailure extends Error {
  readonly reply: StoredReply;

  constructor(reply: StoredReply) {
    super(`The handler replied with ${reply.status}`);
    this.name = 'SharedFailure';
    this.reply = reply;
  }
}
