import type { IncomingHttpHeaders } from 'node:http';
import { UnderstudyError } from '../runtime/errors.ts';
import { MAX_DEADLINE } from './limits.ts';

/** Milliseconds of the `understudy-deadline` header; undefined without one. Throws INVALID_OPTION. */
export function deadlineOf(headers: IncomingHttpHeaders): number | undefined {
  const text = headers['understudy-deadline'];
  if (text === undefined) return undefined;
  const deadline = typeof text === 'string' && /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (deadline >= 1 && deadline <= MAX_DEADLINE) return deadline;
  throw new UnderstudyError(
    'INVALID_OPTION',
    `understudy-deadline: expected a whole number of milliseconds from 1 to ${MAX_DEADLINE}`,
  );
}
