import { UnderstudyError } from '../../src/runtime/errors.ts';
import { applied } from '../../src/tiers/applied.ts';
import { deltasOf, withDeltas } from '../../src/tiers/deltas.ts';
import type { Delta, Mark, Origin, Write } from '../../src/tiers/tier.ts';
import { joinedMarks, later } from '../../src/wire/marker.ts';
import { expiryOf, freshOf, isNothing } from '../../src/wire/stored.ts';

type Absolute = Extract<Write, { op: 'set' | 'delete' }>;
type Relative = Extract<Write, { op: 'touch' | 'increment' }>;
type Touch = Extract<Write, { op: 'touch' }>;
type Increment = Extract<Write, { op: 'increment' }>;

/**
 * The one change that does what `previous` and then, at `now`, `next` would do to the same key. Parts of `previous` up to
 * `sealed` are on their way to Redis, or may have arrived: nothing is added to them.
 */
export function folded(previous: Write, next: Write, now: number, sealed?: string): Write {
  if (next.op === 'set' || next.op === 'delete') return next;
  if (next.op === 'mark') return previous.op === 'mark' ? bothMarks(previous, next) : next;
  // The key of a marker holds nothing else.
  if (previous.op === 'mark') return previous;
  if (previous.op === 'set' || previous.op === 'delete') return foldedInto(previous, next, now, sealed);
  // What Redis holds is not known: changes of it are put together.
  if (next.op === 'touch') {
    if (previous.op === 'increment') return touchedLater(previous, next, now);
    // What was to expire has expired: there is nothing left to touch.
    return previous.fresh <= now ? previous : next;
  }
  if (previous.op === 'touch')
    return next.touched === undefined ? { ...next, touched: previous.fresh } : next;
  return addedUp(previous, next, now, sealed);
}

/** In whatever order they came, it is the same change. */
export function bothMarks(one: Mark, other: Mark): Mark {
  return {
    ...other,
    ...joinedMarks(one, other),
    version: later(one.version, other.version),
    ttl: Math.max(one.ttl, other.ttl),
  };
}

/** After a set or a delete it is known what the key holds, and so what the relative change leads to. */
function foldedInto(previous: Absolute, next: Relative, now: number, sealed: string | undefined): Write {
  const known = previous.op === 'set' && (freshOf(previous.stored) ?? 0) > now ? previous.stored : undefined;
  const base = known === undefined || isNothing(known, now) ? undefined : known;
  const { stored, outcome } = applied(base, next, now);
  if (outcome.status === 'not-a-number') throw notANumber();
  if (stored === undefined) return previous;
  const { key, version } = next;
  const origin = base === undefined ? begunAnew(previous, next) : grown(previous, next, now, sealed);
  return { op: 'set', key, version, ttl: (expiryOf(stored) ?? now) - now, stored, origin };
}

/** What was there before is gone, or its time is over. */
function begunAnew({ key, version }: Absolute, after: Relative): Origin {
  return { base: { op: 'delete', key, version }, after };
}

function grown(previous: Absolute, next: Relative, now: number, sealed: string | undefined): Origin {
  const origin = previous.op === 'set' ? previous.origin : undefined;
  if (origin === undefined) return { base: previous, after: next };
  return { base: origin.base, after: folded(origin.after, next, now, sealed) };
}

/** After an increment there is something to touch, whether there was before or not. */
function touchedLater(previous: Increment, { version, ttl, fresh }: Touch, now: number): Increment {
  const touched = previous.touched !== undefined && previous.touched <= now ? previous.touched : fresh;
  // A counter that it began, and that is over by now, is not what is touched.
  const begun = previous.fresh > now ? { ttl, fresh } : {};
  return withDeltas({ ...previous, version, ...begun, touched }, lapsedBy(previous, now));
}

function addedUp(previous: Increment, next: Increment, now: number, sealed: string | undefined): Increment {
  const before = lapsedBy(previous, now);
  const after = deltasOf(next);
  const [last, first] = [before.at(-1), after[0]];
  const joined =
    last !== undefined && first !== undefined && last.id !== sealed ? joinedDelta(last, first) : undefined;
  const deltas =
    joined === undefined ? [...before, ...after] : [...before.slice(0, -1), joined, ...after.slice(1)];
  // The first increment of nothing gives the time to live.
  const { ttl, fresh } = previous.fresh > now && next.touched === undefined ? previous : next;
  const touched = next.touched ?? previous.touched;
  return withDeltas({ ...next, ttl, fresh, ...(touched === undefined ? {} : { touched }) }, deltas);
}

/** What would have begun a counter that is over by now has nothing more to say where there is none. */
function lapsedBy(increment: Increment, now: number): readonly Delta[] {
  const deltas = deltasOf(increment);
  return increment.fresh > now ? deltas : deltas.map((delta) => ({ ...delta, lapsed: true }));
}

/** Only what was surely never sent may be put together under one name. */
function joinedDelta(last: Delta, first: Delta): Delta | undefined {
  const by = last.by + first.by;
  const sent = last.receipt !== undefined || first.receipt !== undefined;
  // Of another process, which may have sent it before it ended.
  const foreign = instanceOf(last) !== instanceOf(first);
  if (sent || foreign || last.lapsed || first.lapsed || !Number.isSafeInteger(by)) return undefined;
  return { id: first.id, by };
}

const instanceOf = ({ id }: Delta): string => id.slice(-8);

/** What a caller is told who increments something else than a number. */
export function notANumber(): UnderstudyError {
  return new UnderstudyError(
    'NOT_A_NUMBER',
    'increment: the key does not hold a whole number that can be incremented',
  );
}
