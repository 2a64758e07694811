import type { SessionData, Store } from 'express-session';
import { UnderstudyError } from '../runtime/errors.ts';
import type { Cache } from '../system/cache.ts';
import { checkNames } from '../system/call-options.ts';
import { type Ttl, ttlMilliseconds } from '../wire/ttl.ts';
import { sessionLifetime } from './session-lifetime.ts';

/** Options of {@link sessionStore}. */
export interface SessionStoreOptions {
  /** Begins the key of every session; `all`, `length` and `clear` are about what begins so. Default: `'session:'`. */
  readonly prefix?: string;
  /** How long a session lives whose cookie does not say: milliseconds or a string like `'5m'`. Default: `'1d'`. */
  readonly ttl?: Ttl;
}

/** A session as `all` tells of it. */
export type StoredSession = SessionData & { readonly id: string };

/** A session store with all methods that express-session knows. */
export interface SessionStore extends Store {
  all(callback: (error: unknown, sessions?: StoredSession[]) => void): void;
  length(callback: (error: unknown, length?: number) => void): void;
  clear(callback?: (error?: unknown) => void): void;
  touch(id: string, session: SessionData, callback?: (error?: unknown) => void): void;
}

const KNOWN: readonly string[] = ['prefix', 'ttl'];

/**
 * A store for `express-session`, which is given as it was imported: `session({ store: sessionStore(session, understudy) })`.
 * A session lives as long as its cookie, and a touch moves its end without writing it anew. Nothing fails because Redis did.
 * What a callback is given is an UnderstudyError for bad input or overload; without a callback it is lost.
 * Throws INVALID_OPTION and INVALID_TTL.
 */
export function sessionStore(
  session: { readonly Store: abstract new () => Store },
  { cache }: { readonly cache: Cache },
  options: SessionStoreOptions = {},
): SessionStore {
  checkNames(options, KNOWN);
  const { prefix = 'session:', ttl = '1d' } = options;
  if (typeof prefix !== 'string' || prefix === '') {
    throw new UnderstudyError(
      'INVALID_OPTION',
      'prefix: expected text that is not empty, or all keys would be sessions',
    );
  }
  const fallback = ttlMilliseconds(ttl);
  if (typeof session?.Store !== 'function') {
    throw new UnderstudyError(
      'INVALID_OPTION',
      'session: expected what express-session exports, with its Store',
    );
  }

  const lifetimeOf = (data: SessionData): number => sessionLifetime(data, fallback);

  class UnderstudyStore extends session.Store implements SessionStore {
    get(id: string, callback: (error: unknown, session?: SessionData | null) => void): void {
      const found = cache.get(prefix + id).then((value) => (isSession(value) ? value : null));
      answer(found, callback);
    }

    set(id: string, data: SessionData, callback?: (error?: unknown) => void): void {
      const ttl = lifetimeOf(data);
      answer<unknown>(
        ttl > 0 ? cache.set(prefix + id, data, { ttl }) : cache.delete(prefix + id),
        done(callback),
      );
    }

    /** Of a session that was destroyed or has ended nothing comes back. */
    override touch(id: string, data: SessionData, callback?: (error?: unknown) => void): void {
      const ttl = lifetimeOf(data);
      answer(ttl > 0 ? cache.touch(prefix + id, ttl) : cache.delete(prefix + id), done(callback));
    }

    destroy(id: string, callback?: (error?: unknown) => void): void {
      answer(cache.delete(prefix + id), done(callback));
    }

    override all(callback: (error: unknown, sessions?: StoredSession[]) => void): void {
      answer(everySession(), callback);
    }

    override length(callback: (error: unknown, length?: number) => void): void {
      answer(
        cache.keys(prefix).then((keys) => keys.length),
        callback,
      );
    }

    override clear(callback?: (error?: unknown) => void): void {
      answer(cache.clear(prefix), done(callback));
    }
  }

  async function everySession(): Promise<StoredSession[]> {
    const found = await cache.getMany(await cache.keys(prefix));
    return [...found].flatMap(([key, value]) =>
      isSession(value) ? [{ ...value, id: key.slice(prefix.length) }] : [],
    );
  }

  return new UnderstudyStore();
}

/** What somebody else wrote at the key of a session is none: express-session would throw on it. */
function isSession(value: unknown): value is SessionData {
  return (
    typeof value === 'object' &&
    value !== null &&
    'cookie' in value &&
    typeof value.cookie === 'object' &&
    value.cookie !== null
  );
}

/** Calls back outside the promise, so that what a callback throws is not taken for a failure of the store. */
function answer<T>(work: Promise<T>, callback: (error: unknown, value?: T) => void): void {
  work.then(
    (value) => process.nextTick(callback, null, value),
    (error: unknown) => process.nextTick(callback, error),
  );
}

/** A change calls back with an error or nothing. */
function done(callback: ((error?: unknown) => void) | undefined): (error: unknown) => void {
  return (error) => callback?.(error);
}
