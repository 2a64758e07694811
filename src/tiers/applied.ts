import { encodeStored, freshOf, readValue, restamped, versionOf } from '../wire/stored.ts';
import { DONE, NOT_A_NUMBER, type Outcome, type Write } from './tier.ts';

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
    case 'increment': {
      const base = stored === undefined ? 0 : readValue(stored);
      const sum = typeof base === 'number' ? base + write.by : Number.NaN;
      if (!Number.isSafeInteger(sum)) return { stored, outcome: NOT_A_NUMBER };
      const fresh = (stored === undefined ? undefined : freshOf(stored)) ?? write.fresh;
      const text = encodeStored(write.version, now, fresh, String(sum));
      return { stored: text, outcome: { status: 'done', value: sum } };
    }
  }
}
