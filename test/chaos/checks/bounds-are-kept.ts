import { DEFAULTS } from '../../../src/config/defaults.ts';
import type { Check } from './violation.ts';

/** Mailboxes, journal and memory stay within their bounds. */
export const boundsAreKept: Check = ({ history }) =>
  history.processes.flatMap(({ name, stats }) => {
    const broken = new Set<string>();
    for (const { stats: held } of stats) {
      const { journal, memory, waiting } = held;
      if (journal.entries > DEFAULTS.journal.maxEntries) broken.add(`journal of ${journal.entries} entries`);
      if (journal.bytes > DEFAULTS.journal.maxBytes) broken.add(`journal of ${journal.bytes} bytes`);
      if (memory.entries > DEFAULTS.memory.maxEntries) broken.add(`memory of ${memory.entries} entries`);
      if (memory.bytes > DEFAULTS.memory.maxBytes) broken.add(`memory of ${memory.bytes} bytes`);
      if (waiting > DEFAULTS.mailbox.capacity) broken.add(`${waiting} operations waiting`);
      if (journal.bytes < 0) broken.add(`journal of ${journal.bytes} bytes`);
    }
    return [...broken].map((what) => ({
      check: 'bounds-are-kept',
      message: `out of bounds: ${what}`,
      process: name,
      operations: [],
    }));
  });
