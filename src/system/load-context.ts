import type { Stale } from '../../actors/cache/messages.ts';
import { UnderstudyError } from '../runtime/errors.ts';
import { checkedTags } from '../wire/tags.ts';
import { type Ttl, ttlMilliseconds } from '../wire/ttl.ts';

/** What a loader is given: what it may go by, and what it can say about what it loads. */
export interface LoadContext {
  /** Aborted at the hard timeout. */
  readonly signal: AbortSignal;
  /**
   * What is kept of the value past its time, with what its source called it: a conditional request may find that it is still
   * right. `modified`: milliseconds since the epoch.
   */
  readonly stale: Stale | undefined;
  /** How long the value lives, in place of the option. Throws INVALID_TTL. */
  setTtl(ttl: Ttl): void;
  /** What the source calls this version of the value: told to the next loader. */
  setEtag(etag: string): void;
  /** When the source says that the value changed: told to the next loader. */
  setModified(modified: Date | number): void;
  /** Tags of the value, beside those of the options. Throws INVALID_OPTION. */
  setTags(...tags: readonly string[]): void;
  /** What is returned is for the caller alone: nothing is stored, and others who wait load for themselves. */
  skip(): void;
  /** Ends the load: the stale value is right, and fresh again. Throws INVALID_OPTION where there is none. */
  notModified(): never;
  /** Ends the load with a failure: who waits is answered what is stale, or fails with this. */
  fail(reason: unknown): never;
}

/** Loads a value from where it comes from. `undefined` means "there is none" and is not stored, but for `negativeTtl`. */
export type Loader<T> = (context: LoadContext) => T | Promise<T>;

/** Thrown to end a load whose value is still right. */
class NotModified extends Error {
  readonly value: unknown;

  constructor(value: unknown) {
    super('not modified');
    this.value = value;
  }
}

/** The context of one load, and what the loader said. What a loader calls needs no `this`: it may take it apart. */
export class Load implements LoadContext {
  readonly stale: Stale | undefined;
  ttl: number | undefined;
  etag: string | undefined;
  modified: number | undefined;
  tags: readonly string[] | undefined;
  skipped = false;
  #abort: AbortController | undefined;

  constructor(stale: Stale | undefined) {
    this.stale = stale;
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    return this.#abort.signal;
  }

  abort(reason: unknown): void {
    this.#abort ??= new AbortController();
    this.#abort.abort(reason);
  }

  readonly setTtl = (ttl: Ttl): void => {
    this.ttl = ttlMilliseconds(ttl);
  };

  readonly setEtag = (etag: string): void => {
    if (typeof etag !== 'string')
      throw new UnderstudyError('INVALID_OPTION', `etag: expected a string, got ${typeof etag}`);
    this.etag = etag;
  };

  readonly setModified = (modified: Date | number): void => {
    const time = Math.floor(Number(modified));
    if (!(time >= 0))
      throw new UnderstudyError('INVALID_OPTION', 'modified: expected a Date or milliseconds');
    this.modified = time;
  };

  readonly setTags = (...tags: readonly string[]): void => {
    this.tags = checkedTags(tags);
  };

  readonly skip = (): void => {
    this.skipped = true;
  };

  readonly notModified = (): never => {
    if (this.stale === undefined)
      throw new UnderstudyError('INVALID_OPTION', 'notModified: there is no stale value that could be right');
    throw new NotModified(this.stale.value);
  };

  readonly fail = (reason: unknown): never => {
    throw reason;
  };

  /** The value where a loader ended with that it is not modified; else throws what it threw. */
  unmodified(thrown: unknown): unknown {
    if (!(thrown instanceof NotModified)) throw thrown;
    this.etag ??= this.stale?.etag;
    this.modified ??= this.stale?.modified;
    return thrown.value;
  }
}
