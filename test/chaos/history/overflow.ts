import type { HistoryLine } from './record.ts';

type Sample = Extract<HistoryLine, { kind: 'stats' }>;

/** While deletions of a process that found no room may take everything of its namespace with them. */
export interface Overflow {
  readonly from: number;
  /** Infinity when nobody knows: the process ended before its journal was empty. */
  readonly to: number;
}

/** What the samples of one process tell of it: not when a journal overflowed, but between which two it did. */
export function overflowsOf(samples: readonly Sample[], killed: boolean): Overflow[] {
  const overflows = samples.flatMap(({ stats }, index): Overflow[] => {
    const before = samples[index - 1];
    if (stats.journal.collapsed === (before?.stats.journal.collapsed ?? 0)) return [];
    const emptied = samples.slice(index).find((later) => later.stats.journal.entries === 0);
    return [{ from: before?.at ?? Number.NEGATIVE_INFINITY, to: emptied?.at ?? Number.POSITIVE_INFINITY }];
  });
  const last = samples.at(-1);
  // What happened after the last sample is not known.
  const cutShort = killed && last !== undefined && last.stats.journal.entries > 0;
  return cutShort ? [...overflows, { from: last.at, to: Number.POSITIVE_INFINITY }] : overflows;
}
