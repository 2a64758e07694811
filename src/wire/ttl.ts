import { UnderstudyError } from '../runtime/errors.ts';

/** Milliseconds, or a string like `'250ms'`, `'30s'`, `'5m'`, `'1h'`, `'7d'`. */
export type Ttl = number | string;

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Longest time to live, in milliseconds: ten years. */
export const MAX_TTL = 3_650 * 86_400_000;

/** The text that was read last: a program has few, and mostly uses one many times. */
let last = { text: '1h', milliseconds: 3_600_000 };

/** The milliseconds of a TTL. Throws INVALID_TTL for anything but a whole number from 1 to ten years. */
export function ttlMilliseconds(ttl: unknown): number {
  if (typeof ttl === 'number') {
    if (Number.isInteger(ttl) && ttl >= 1 && ttl <= MAX_TTL) return ttl;
    throw invalid(String(ttl));
  }
  if (ttl === last.text) return last.milliseconds;
  if (typeof ttl !== 'string') throw invalid(ttl === null ? 'null' : `a value of type ${typeof ttl}`);
  const match = /^(\d{1,15}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(ttl);
  const milliseconds = match
    ? Math.round(Number(match[1]) * (UNITS[match[2] ?? ''] ?? Number.NaN))
    : Number.NaN;
  if (milliseconds >= 1 && milliseconds <= MAX_TTL) {
    last = { text: ttl, milliseconds };
    return milliseconds;
  }
  throw invalid(JSON.stringify(ttl.slice(0, 32)));
}

function invalid(given: string): UnderstudyError {
  return new UnderstudyError(
    'INVALID_TTL',
    `ttl: expected a whole number of milliseconds from 1 to ${MAX_TTL}, or a string like '5m', got ${given}`,
  );
}
