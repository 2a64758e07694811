import { isUnderstudyError } from '../../runtime/errors.ts';
import { checkKey } from '../../wire/keys.ts';

/** `keys`: one key a line. `mooncake`: a JSON object a line, with `timestamp` and `hash_ids`. */
export type TraceFormat = 'keys' | 'mooncake';

/** One line of a trace: what is read together. */
export interface TraceLine {
  readonly keys: readonly string[];
  /** Milliseconds; undefined where the format has none. */
  readonly timestamp: number | undefined;
}

/** A trace that cannot be replayed; the message names the line. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
}

/** A key may begin with a brace, as a Redis hash tag does; a line of Mooncake begins with a quoted name. */
export function formatOf(firstLine: string): TraceFormat {
  return /^\s*\{\s*"/.test(firstLine) ? 'mooncake' : 'keys';
}

/** @throws Error that says what was expected */
export function parseLine(format: TraceFormat, text: string): TraceLine {
  if (format === 'mooncake') return mooncakeLine(text);
  try {
    checkKey(text);
  } catch (error) {
    throw isUnderstudyError(error) ? new Error(error.message, { cause: error }) : error;
  }
  return { keys: [text], timestamp: undefined };
}

function mooncakeLine(text: string): TraceLine {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch (cause) {
    throw new Error('expected a JSON object with timestamp and hash_ids, got something that is not JSON', {
      cause,
    });
  }
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    throw new Error('expected a JSON object with timestamp and hash_ids');
  }
  const timestamp = 'timestamp' in record ? record.timestamp : undefined;
  if (typeof timestamp !== 'number' || timestamp < 0) {
    throw new Error('timestamp: expected milliseconds, a number of 0 or more');
  }
  const ids = 'hash_ids' in record ? record.hash_ids : undefined;
  if (!Array.isArray(ids)) throw new Error('hash_ids: expected an array of whole numbers');
  return { keys: ids.map(blockKey), timestamp };
}

function blockKey(id: unknown, at: number): string {
  if (typeof id === 'number' && Number.isSafeInteger(id)) return `block:${id}`;
  throw new Error(`hash_ids[${at}]: expected a whole number, got a ${id === null ? 'null' : typeof id}`);
}
