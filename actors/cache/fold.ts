import { UnderstudyError } from '../../src/runtime/errors.ts';
import { applied } from '../../src/tiers/applied.ts';
import type { Write } from '../../src/tiers/tier.ts';
import { freshOf } from '../../src/wire/stored.ts';

/** The one change that does what `previous` and then, at `now`, `next` would do to the same key. */
export function folded(previous: Write, next: Write, now: number): Write {
  if (next.op === 'set' || next.op === 'delete') return next;
  if (previous.op === 'set' || previous.op === 'delete') return foldedInto(previous, next, now);
  // What Redis holds is not known: changes of it are put together.
  if (next.op === 'increment') {
    const by = previous.op === 'increment' ? previous.by + next.by : next.by;
    // The first increment of nothing gives the time to live.
    return { ...next, by, ttl: previous.ttl, fresh: previous.fresh };
  }
  // What was to expire has expired: there is nothing left to touch.
  if (previous.op === 'touch' && previous.fresh <= now) return previous;
  return previous.op === 'increment'
    ? { ...previous, version: next.version, ttl: next.ttl, fresh: next.fresh }
    : next;
}

type Absolute = Extract<Write, { op: 'set' | 'delete' }>;
type Relative = Extract<Write, { op: 'touch' | 'increment' }>;

/** After a set or a delete it is known what the key holds, and so what the relative change leads to. */
function foldedInto(previous: Absolute, next: Relative, now: number): Write {
  const base = previous.op === 'set' && (freshOf(previous.stored) ?? 0) > now ? previous.stored : undefined;
  const { stored, outcome } = applied(base, next, now);
  if (outcome.status === 'not-a-number') throw notANumber();
  if (stored === undefined) return previous;
  // A touch makes no value newer: it must not carry this one over what others wrote since.
  const { version } = next.op === 'touch' ? previous : next;
  return { op: 'set', key: next.key, version, ttl: (freshOf(stored) ?? now) - now, stored };
}

/** What a caller is told who increments something else than a number. */
export function notANumber(): UnderstudyError {
  return new UnderstudyError(
    'NOT_A_NUMBER',
    'increment: the key does not hold a whole number that can be incremented',
  );
}
