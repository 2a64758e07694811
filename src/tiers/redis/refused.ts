import type { Outcome, Write } from '../tier.ts';
import { failureKind, safeError } from './failures.ts';

type Run = (writes: readonly Write[]) => Promise<readonly Outcome[]>;

/**
 * Runs changes in their order, and where Redis refuses a script because of one key in it, the others without that one. A
 * user who may not use the script at all is refused once.
 */
export async function withoutRefused(writes: readonly Write[], run: Run): Promise<readonly Outcome[]> {
  try {
    return await run(writes);
  } catch (error) {
    if (writes.length === 1 || failureKind(error) !== 'refused' || !concernsKey(error)) throw error;
    const middle = writes.length >> 1;
    const outcomes: Outcome[] = [];
    for (const half of [writes.slice(0, middle), writes.slice(middle)]) {
      outcomes.push(...(await withoutRefused(half, run).catch((cause) => refusedAll(half, cause))));
    }
    return outcomes;
  }
}

/** Only a refusal concerns these changes alone; after anything else the rest would fail as well. */
function refusedAll(writes: readonly Write[], cause: unknown): readonly Outcome[] {
  if (failureKind(cause) !== 'refused') throw cause;
  const error = safeError(cause);
  return writes.map(() => ({ status: 'failed', error }));
}

function concernsKey(error: unknown): boolean {
  return error instanceof Error && /\bkeys?\b/.test(error.message);
}
