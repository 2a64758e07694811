import { UnderstudyError } from '../runtime/errors.ts';
import type { JournalRow, JournalStore, JournalStoreKind } from './journal-store.ts';
import type { SqlConnect } from './postgres/sql.ts';

/** Where the journal is to be kept: exactly one of the first two is given. */
export interface DurableOptions {
  /** A postgres:// URL. */
  readonly url?: string | undefined;
  /** Directory of the embedded Postgres. */
  readonly directory?: string | undefined;
  /** Milliseconds to connect to a Postgres, and for each statement. */
  readonly timeout: number;
}

/** The store that is configured. Its driver is loaded when it is opened and nowhere else: most systems need none. */
export class LazyJournalStore implements JournalStore {
  readonly kind: JournalStoreKind;
  readonly #options: DurableOptions;
  readonly #space: string;
  #store: JournalStore | undefined;

  /** `space`: instances share what they adopt from each other within it. */
  constructor(options: DurableOptions, space: string) {
    this.kind = options.url === undefined ? 'pglite' : 'postgres';
    this.#options = options;
    this.#space = space;
  }

  async open(): Promise<{ readonly kept: boolean }> {
    if (this.#store === undefined) {
      const { SqlJournalStore } = await import('./postgres/sql-journal-store.ts');
      this.#store = new SqlJournalStore(this.kind, this.#space, await sessionsOf(this.#options));
    }
    return this.#store.open();
  }

  adopt(): Promise<readonly JournalRow[] | undefined> {
    return this.#opened().adopt();
  }

  commit(puts: readonly JournalRow[], removes: readonly string[]): Promise<void> {
    return this.#opened().commit(puts, removes);
  }

  async close(): Promise<void> {
    await this.#store?.close();
  }

  #opened(): JournalStore {
    if (this.#store === undefined) throw new Error('the store of the journal is not open');
    return this.#store;
  }
}

async function sessionsOf({ url, directory = '', timeout }: DurableOptions): Promise<SqlConnect> {
  const driver = url === undefined ? '@electric-sql/pglite' : 'pg';
  try {
    if (url !== undefined) return (await import('./postgres/session.ts')).postgresSessions(url, timeout);
    // The driver itself is loaded by the worker.
    import.meta.resolve(driver);
    return (await import('./pglite/session.ts')).pgliteSessions(directory);
  } catch (error) {
    throw missing(url === undefined ? 'durable.directory' : 'durable.url', driver, error);
  }
}

function missing(option: string, driver: string, cause: unknown): unknown {
  if (!(cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND')) return cause;
  const problem = `${option}: needs the package ${driver}, which is not installed; npm install ${driver}`;
  return new UnderstudyError('INVALID_CONFIG', `Invalid configuration:\n- ${problem}`, { cause });
}
