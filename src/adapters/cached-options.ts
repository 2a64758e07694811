import { UnderstudyError } from '../runtime/errors.ts';
import { checkOptions } from '../system/call-options.ts';
import { type Ttl, ttlMilliseconds } from '../wire/ttl.ts';

interface Given {
  readonly name: string;
  readonly key?: unknown;
  readonly ttl?: Ttl;
  readonly deadline?: number;
}

const KNOWN: readonly string[] = ['name', 'key', 'ttl', 'deadline'];
const MAX_NAME = 128;

/** Refuses what cannot be the options of a cached function. */
export function checkCachedOptions(options: Given): void {
  checkOptions(options, KNOWN);
  const { name, key, ttl } = options;
  checkName(name);
  if (key !== undefined) requireFunction('key', key);
  if (ttl !== undefined) ttlMilliseconds(ttl);
}

/** With colons, the name of one function and the key of a call could read as those of another. */
function checkName(name: unknown): void {
  if (typeof name === 'string' && /^[^:]+$/.test(name) && name.length <= MAX_NAME && name.isWellFormed())
    return;
  const given =
    typeof name === 'string' ? JSON.stringify(name.slice(0, MAX_NAME + 1)) : `a value of type ${typeof name}`;
  throw new UnderstudyError(
    'INVALID_OPTION',
    `name: expected 1 to ${MAX_NAME} characters without a colon, got ${given}`,
  );
}

export function requireFunction(option: string, given: unknown): void {
  if (typeof given === 'function') return;
  const type = given === null ? 'null' : `a value of type ${typeof given}`;
  throw new UnderstudyError('INVALID_OPTION', `${option}: expected a function, got ${type}`);
}
