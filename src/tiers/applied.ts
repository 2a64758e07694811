import { encodeMarks, joinedMarks, marksIn } from '../wire/marker.ts';
import {
  encodeStored,
  freshOf,
  readValue,
  restamped,
  revalued,
  tagsTextOf,
  versionOf,
} from '../wire/stored.ts';
import { DONE, type Mark, NOT_A_NUMBER, type Outcome, type Write } from './tier.ts';

/** What a change leads to: the text that is stored afterwards (undefined for none), and how it ended. */
export interface Applied {
  readonly stored: string | undefined;
  readonly outcome: Outcome;
}

const GONE: Outcome = Object.freeze({ status: 'done', existed: false });
const EXISTED: Outcome = Object.freeze({ status: 'done', existed: true });

/** Applies one change to what is stored and fresh (undefined for nothing), by the rules of the scripts in Redis. */
export function applied(stored: string | undefined, write: Write, now: number): Applied {
  switch (write.op) {
    case 'set':
      return { stored: write.stored, outcome: DONE };
    case 'delete':
      return { stored: undefined, outcome: stored === undefined ? GONE : EXISTED };
    case 'touch':
      if (stored === undefined) return { stored, outcome: GONE };
      // No newer for it: a version says which value is the later one, and must not lift this over what others wrote.
      return { stored: restamped(stored, versionOf(stored), write.fresh), outcome: EXISTED };
    case 'increment':
      return incremented(stored, write, now);
    case 'mark':
      return { stored: marked(stored, write), outcome: DONE };
  }
}

/** The text of a marker after a change. */
function marked(stored: string | undefined, mark: Mark): string {
  const present = marksIn(stored ?? '');
  return encodeMarks(present === undefined ? mark : joinedMarks(present, mark));
}

function incremented(
  present: string | undefined,
  write: Extract<Write, { op: 'increment' }>,
  now: number,
): Applied {
  const { version, touched } = write;
  // Touched, and expired since.
  const over =
    present !== undefined && touched !== undefined && touched <= now && versionOf(present) <= version;
  // With what was added before; what was added after began anew.
  if (over && touched > Number.parseInt(version.slice(0, 12), 16)) {
    return { stored: undefined, outcome: { status: 'done', value: 0 } };
  }
  const stored = over ? undefined : present;
  const by = stored === undefined ? beginning(write, now) : write.by;
  if (by === undefined) return { stored, outcome: { status: 'done', value: 0 } };
  const base = stored === undefined ? 0 : readValue(stored);
  // What others may invalidate by its tags must not get a later version.
  const counts = typeof base === 'number' && (stored === undefined || tagsTextOf(stored) === '');
  const sum = counts ? base + by : Number.NaN;
  if (!Number.isSafeInteger(sum)) {
    // What remains is that it was touched.
    const left =
      stored === undefined || touched === undefined ? stored : restamped(stored, versionOf(stored), touched);
    return { stored: left, outcome: NOT_A_NUMBER };
  }
  const fresh = stored === undefined ? undefined : (touched ?? freshOf(stored));
  const text = counter(stored, version, fresh ?? write.fresh, sum, now);
  return { stored: text, outcome: { status: 'done', value: sum } };
}

/** A sum, with all that is said of the number in whose place it comes. Somebody else's number says nothing. */
export function counter(
  stored: string | undefined,
  version: string,
  fresh: number,
  sum: number,
  now: number,
): string {
  if (stored === undefined || freshOf(stored) === undefined)
    return encodeStored(version, now, fresh, String(sum));
  return revalued(restamped(stored, version, fresh), version, String(sum));
}

/** What it adds where there is nothing; undefined when the counter it would have begun is over by now. */
function beginning(write: Extract<Write, { op: 'increment' }>, now: number): number | undefined {
  if (write.fresh <= now) return undefined;
  if (write.deltas === undefined) return write.by;
  const counting = write.deltas.filter(({ lapsed }) => lapsed !== true);
  return counting.length === 0 ? undefined : counting.reduce((sum, { by }) => sum + by, 0);
}
