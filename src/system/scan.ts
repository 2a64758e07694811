import type { CacheMessage, CacheProtocol } from '../../actors/cache/messages.ts';
import { UnderstudyError } from '../runtime/errors.ts';
import type { ReplyOf } from '../runtime/protocol.ts';
import type { CacheMail } from './cache-mail.ts';
import { checkOptions } from './call-options.ts';
import { SeenKeys } from './seen-keys.ts';

/** Options of an iteration. */
export interface ScanOptions {
  /** Keys that are asked for at a time: 1 to 10000. Default: 1000. */
  readonly pageSize?: number;
  /** Milliseconds within which each page is answered. Default: the system's `deadline`, 500. */
  readonly deadline?: number;
}

const KNOWN: readonly string[] = ['deadline', 'pageSize'];
const MAX_PAGE = 10_000;
const DEFAULT_PAGE = 1_000;

/** What an iteration goes through; each `for await` over it begins again. */
export interface Scan<Item> extends AsyncIterable<Item, void> {
  /** Whether the newest iteration was answered from memory, as Redis could not be asked: then it may lack what only Redis holds. */
  readonly degraded: boolean;
}

/** Keys by the page, each once. A page is asked for when the one before has been used up. */
class Pages {
  readonly #mail: CacheMail;
  readonly #prefix: string | undefined;
  readonly #limit: number;
  readonly #call: { readonly deadline?: number | undefined };
  degraded = false;

  constructor(mail: CacheMail, prefix: string | undefined, options: ScanOptions = {}) {
    checkOptions(options, KNOWN);
    const { deadline, pageSize = DEFAULT_PAGE } = options;
    if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > MAX_PAGE) {
      throw new UnderstudyError(
        'INVALID_OPTION',
        `pageSize: expected a whole number from 1 to ${MAX_PAGE}, got ${typeof pageSize === 'number' ? pageSize : `a ${typeof pageSize}`}`,
      );
    }
    this.#mail = mail;
    this.#prefix = prefix;
    this.#limit = pageSize;
    this.#call = { deadline };
  }

  async *keys(): AsyncGenerator<string[], void> {
    const seen = new SeenKeys();
    let cursor: string | undefined;
    this.degraded = false;
    do {
      const message: CacheMessage = { type: 'cache.keys', prefix: this.#prefix, cursor, limit: this.#limit };
      const page: ReplyOf<CacheProtocol, 'cache.keys'> = await this.#mail.ask(message, this.#call);
      this.degraded ||= page.degraded;
      cursor = page.cursor;
      const fresh = page.keys.filter((key) => seen.add(key));
      // The first page brings all that waits for Redis, however much that is.
      for (let from = 0; from < fresh.length; from += this.#limit)
        yield fresh.slice(from, from + this.#limit);
    } while (cursor !== undefined);
  }

  values(keys: readonly string[]): Promise<ReplyOf<CacheProtocol, 'cache.getMany'>> {
    return this.#mail.ask({ type: 'cache.getMany', keys }, this.#call);
  }
}

/** `cache.scan`. */
export function scanKeys(
  mail: CacheMail,
  prefix: string | undefined,
  options: ScanOptions | undefined,
): Scan<string> {
  const pages = new Pages(mail, prefix, options);
  return {
    get degraded() {
      return pages.degraded;
    },
    async *[Symbol.asyncIterator]() {
      for await (const page of pages.keys()) yield* page;
    },
  };
}

/** `cache.entries`. */
export function scanEntries<T>(
  mail: CacheMail,
  prefix: string | undefined,
  options: ScanOptions | undefined,
): Scan<[key: string, value: T]> {
  const pages = new Pages(mail, prefix, options);
  return {
    get degraded() {
      return pages.degraded;
    },
    async *[Symbol.asyncIterator]() {
      for await (const page of pages.keys())
        for (const [key, value] of await pages.values(page)) yield [key, value as T];
    },
  };
}
