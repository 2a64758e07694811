import type { JournalRow, JournalStore } from '../../src/tiers/journal-store.ts';

/** A store whose commits end when, and how, a test says. */
export class ScriptedJournalStore implements JournalStore {
  readonly kind = 'postgres';
  readonly rows = new Map<string, string>();
  readonly commits: { readonly puts: readonly string[]; readonly removes: readonly string[] }[] = [];
  /** What dead instances left. */
  orphans: JournalRow[][] = [];
  kept = false;
  /** Set, commits wait for it. */
  gate: Promise<void> | undefined;
  /** Set, commits fail: whether after they were made or before. */
  failing: 'before' | 'after' | undefined;
  opened = 0;

  async open(): Promise<{ readonly kept: boolean }> {
    this.opened++;
    return { kept: this.opened > 1 && this.kept };
  }

  async adopt(): Promise<readonly JournalRow[] | undefined> {
    const rows = this.orphans.shift();
    for (const { slot, body } of rows ?? []) this.rows.set(slot, body);
    return rows;
  }

  async commit(puts: readonly JournalRow[], removes: readonly string[]): Promise<void> {
    this.commits.push({ puts: puts.map(({ slot }) => slot), removes });
    await this.gate;
    if (this.failing === 'before') throw new Error('the store is out');
    for (const { slot, body } of puts) this.rows.set(slot, body);
    for (const slot of removes) this.rows.delete(slot);
    if (this.failing === 'after') throw new Error('the connection was lost');
  }

  async close(): Promise<void> {}
}
