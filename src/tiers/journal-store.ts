/** What keeps the journal where it outlives the process. */
export type JournalStoreKind = 'postgres' | 'pglite';

/** One entry as a store keeps it. `slot` tells it from all others; what `body` means is the journal's business. */
export interface JournalRow {
  readonly slot: string;
  readonly body: string;
}

/**
 * A place that outlives this process. Rows belong to the instance that committed them while that one lives; those of the
 * dead are adopted by the living. Every implementation passes the same conformance suite.
 */
export interface JournalStore {
  readonly kind: JournalStoreKind;
  /**
   * Connects. After a failure it may be called again: it then tells whether what this instance committed before is
   * still its own, or has been adopted by another, which took it for dead. Throws JOURNAL_LOCKED where somebody else
   * has the store to himself.
   */
  open(): Promise<{ readonly kept: boolean }>;
  /** The rows of one dead instance, this one's from now on; undefined when all that there are have an owner. */
  adopt(): Promise<readonly JournalRow[] | undefined>;
  /** Puts and removes rows, all of them or none. When it has resolved they outlive this process. */
  commit(puts: readonly JournalRow[], removes: readonly string[]): Promise<void>;
  /** Gives up what it holds. Rows stay, for whoever comes next. */
  close(): Promise<void>;
}
