import { optionsSchema } from '../../../src/config/schema.ts';
import { optionsOf } from '../options.ts';
import type { Check } from './violation.ts';

/** Mailboxes, journal and memory stay within the bounds that were configured. */
export const boundsAreKept: Check = ({ history, settings }) => {
  const { journal, memory, mailbox } = optionsSchema.parse(
    optionsOf(settings, { data: 'data', postgres: undefined }),
  );
  return history.processes.flatMap(({ name, stats }) => {
    const broken = new Set<string>();
    for (const { stats: held } of stats) {
      // One invalidation of everything stands for all deletions that found no room.
      if (held.journal.entries > journal.maxEntries + 1)
        broken.add(`journal of ${held.journal.entries} entries`);
      if (held.journal.bytes > journal.maxBytes) broken.add(`journal of ${held.journal.bytes} bytes`);
      if (held.journal.bytes < 0) broken.add(`journal of ${held.journal.bytes} bytes`);
      if (held.memory.entries > memory.maxEntries) broken.add(`memory of ${held.memory.entries} entries`);
      if (held.memory.bytes > memory.maxBytes) broken.add(`memory of ${held.memory.bytes} bytes`);
      if (held.waiting > mailbox.capacity) broken.add(`${held.waiting} operations waiting`);
    }
    return [...broken].map((what) => ({
      check: 'bounds-are-kept',
      message: `out of bounds: ${what}`,
      process: name,
      operations: [],
    }));
  });
};
