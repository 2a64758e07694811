import { DONE, type Outcome, type Write } from '../tier.ts';
import { safeError } from './failures.ts';

/** The two ways to make changes of a slot that is no longer, or not wholly, where it was. */
export interface Ways {
  /** As they come, with the receipt of their increments. */
  together(writes: readonly Write[]): Promise<readonly Outcome[]>;
  /** By itself, and where nothing newer is found. */
  compared(write: Write): Promise<readonly Outcome[]>;
}

/**
 * Changes of a slot that moves or has moved, each for itself, as keys of one slot may be in two places. What goes by a
 * detour may be overtaken by what is sent after it, so what can be is made only where nothing newer is found. Increments
 * stay together, and with them what concerns their keys: one slip notes all of them with the change itself, and a second
 * script would write over what the first has noted.
 */
export async function detoured(
  writes: readonly Write[],
  { together, compared }: Ways,
): Promise<readonly Outcome[]> {
  const counters = new Set(writes.filter(({ op }) => op === 'increment').map(({ key }) => key));
  const counted = writes.filter(({ key }) => counters.has(key));
  const outcomes = new Map<Write, Outcome>();
  const run = async (part: readonly Write[], made: Promise<readonly Outcome[]>): Promise<void> => {
    const results = await made.catch((error: unknown) => part.map(() => failedBy(error)));
    for (const [at, write] of part.entries()) outcomes.set(write, results[at] ?? failedBy(undefined));
  };
  const runs = counted.length === 0 ? [] : [run(counted, together(counted))];
  for (const write of writes) {
    if (counters.has(write.key)) continue;
    runs.push(run([write], write.op === 'touch' ? together([write]) : compared(write).then(asWritten)));
  }
  await Promise.all(runs);
  return writes.map((write) => outcomes.get(write) ?? failedBy(undefined));
}

/** To its maker a change that something newer has overtaken is done. */
function asWritten(outcomes: readonly Outcome[]): readonly Outcome[] {
  return outcomes.map((outcome) => (outcome.status === 'superseded' ? DONE : outcome));
}

function failedBy(error: unknown): Outcome {
  return { status: 'failed', error: safeError(error) };
}
