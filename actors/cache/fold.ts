import { UnderstudyError } from '../../src/runtime/errors.ts';
import type { Write } from '../../src/tiers/tier.ts';
import { encodeStored, readValue, restamped } from '../../src/wire/stored.ts';

type Touch = Extract<Write, { op: 'touch' }>;
type Increment = Extract<Write, { op: 'increment' }>;

/** The one change that does what `previous` and then `next` would do to the same key. */
export function folded(previous: Write, next: Write): Write {
  if (next.op === 'touch') return touched(previous, next);
  if (next.op === 'increment') return incremented(previous, next);
  return next;
}

function touched(previous: Write, next: Touch): Write {
  const { version, ttl, fresh } = next;
  switch (previous.op) {
    case 'set':
      return { ...previous, version, ttl, stored: restamped(previous.stored, version, fresh) };
    case 'increment':
      return { ...previous, version, ttl, fresh };
    case 'delete':
      return previous;
    case 'touch':
      return next;
  }
}

function incremented(previous: Write, next: Increment): Write {
  switch (previous.op) {
    case 'increment':
      return { ...next, by: previous.by + next.by };
    case 'touch':
      return { ...next, ttl: previous.ttl, fresh: previous.fresh };
    case 'delete':
      return setOf(next, next.by);
    case 'set': {
      const base = readValue(previous.stored);
      const sum = typeof base === 'number' ? base + next.by : Number.NaN;
      if (!Number.isSafeInteger(sum)) throw notANumber();
      return setOf({ ...next, ttl: previous.ttl }, sum);
    }
  }
}

function setOf({ key, version, ttl, fresh }: Increment, value: number): Write {
  return { op: 'set', key, version, ttl, stored: encodeStored(version, fresh - ttl, fresh, String(value)) };
}

/** What a caller is told who increments something else than a number. */
export function notANumber(): UnderstudyError {
  return new UnderstudyError(
    'NOT_A_NUMBER',
    'increment: the key does not hold a whole number that can be incremented',
  );
}
