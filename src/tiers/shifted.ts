import { type Shift, shiftedVersion } from '../wire/hybrid-clock.ts';
import { shiftedStored } from '../wire/stored.ts';
import type { Delta, Origin, Write } from './tier.ts';

/** A change as it would have been made by the right clock. One of another instance is left as it is. */
export function shiftedWrite(write: Write, shift: Shift): Write {
  const version = shiftedVersion(write.version, shift);
  if (version === write.version) return write;
  switch (write.op) {
    case 'set':
      return {
        ...write,
        version,
        stored: shiftedStored(write.stored, shift),
        ...(write.origin === undefined ? {} : { origin: shiftedOrigin(write.origin, shift) }),
      };
    case 'delete':
      return { ...write, version };
    case 'mark': {
      const { since, invalidated, expired } = write;
      const shifted = (mark: string): string => shiftedVersion(mark, shift);
      return {
        ...write,
        version,
        since: shifted(since),
        invalidated: shifted(invalidated),
        expired: shifted(expired),
      };
    }
    case 'touch':
      return { ...write, version, fresh: write.fresh + shift.by };
    case 'increment': {
      const { touched, deltas } = write;
      return {
        ...write,
        version,
        fresh: write.fresh + shift.by,
        ...(touched === undefined ? {} : { touched: touched + shift.by }),
        ...(deltas === undefined ? {} : { deltas: deltas.map((delta) => shiftedDelta(delta, shift)) }),
      };
    }
  }
}

function shiftedOrigin({ base, after }: Origin, shift: Shift): Origin {
  return { base: shiftedWrite(base, shift), after: shiftedWrite(after, shift) };
}

/** What was sent keeps the name that it was sent with. */
function shiftedDelta(delta: Delta, shift: Shift): Delta {
  return delta.receipt === undefined ? { ...delta, id: shiftedVersion(delta.id, shift) } : delta;
}
