import type { DurableSessions } from './durable-sessions.ts';
import type { JournalRow, JournalStore, JournalStoreKind } from './journal-store.ts';

/** The store that is configured. Its driver is loaded when it is opened and nowhere else: most systems need none. */
export class LazyJournalStore implements JournalStore {
  readonly kind: JournalStoreKind;
  readonly #connect: DurableSessions['connect'];
  readonly #space: string;
  #store: JournalStore | undefined;

  /** `space`: instances share what they adopt from each other within it. */
  constructor({ kind, connect }: DurableSessions, space: string) {
    this.kind = kind;
    this.#connect = connect;
    this.#space = space;
  }

  async open(): Promise<{ readonly kept: boolean }> {
    if (this.#store === undefined) {
      const { SqlJournalStore } = await import('./postgres/sql-journal-store.ts');
      this.#store = new SqlJournalStore(this.kind, this.#space, this.#connect);
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
