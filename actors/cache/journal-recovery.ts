import type { JournalRow } from '../../src/tiers/journal-store.ts';
import type { Write } from '../../src/tiers/tier.ts';
import type { Clearing, Journal } from './journal.ts';
import { entryOf } from './journal-rows.ts';

/** What was found in rows. */
interface Adopted {
  readonly writes: readonly Write[];
  readonly clearings: readonly Clearing[];
}

/**
 * Takes rows of a dead process into the journal, in the order in which they were made. Its invalidations come last: what
 * stands beside them in its rows has outlived them there. What has expired is taken in too, for it hides what was there
 * before; a replay makes a deletion of it. A row that cannot be read stays where it is.
 */
export function adoptRows(rows: readonly JournalRow[], journal: Journal): Adopted {
  const writes: Write[] = [];
  const clearings: Clearing[] = [];
  for (const row of rows) {
    const entry = entryOf(row);
    if (entry === undefined) continue;
    if ('write' in entry) writes.push(entry.write);
    else clearings.push(entry.clearing);
  }
  clearings.sort(byVersion);
  writes.sort(byVersion);
  for (const write of writes) journal.recover(write);
  for (const clearing of clearings) journal.recoverClearing(clearing);
  return { writes, clearings };
}

function byVersion(a: { readonly version: string }, b: { readonly version: string }): number {
  return a.version < b.version ? -1 : 1;
}
