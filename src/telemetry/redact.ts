import { describeError } from './describe-error.ts';
import { withoutCredentials } from './safe-text.ts';

const SECRET = /pass(word|phrase)?$|secret|token|authorization|cookie|credential|api.?key/i;
const MAX_DEPTH = 5;
const MAX_ITEMS = 100;

/** Fields of a log entry, without secrets by name, credentials in addresses, and what hangs on errors. */
export function redact(fields: object): Record<string, unknown> {
  return redactEntries(fields, 0);
}

function redactEntries(fields: object, depth: number): Record<string, unknown> {
  const redacted: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields).slice(0, MAX_ITEMS)) {
    redacted[name] = isSecret(name, value) ? '[redacted]' : redactValue(value, depth + 1);
  }
  return redacted;
}

/** A number by such a name counts something. */
function isSecret(name: string, value: unknown): boolean {
  return (typeof value === 'string' || typeof value === 'object') && value !== null && SECRET.test(name);
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return withoutCredentials(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return describeError(value);
  if (value instanceof Date) return value;
  if (depth >= MAX_DEPTH || ArrayBuffer.isView(value)) return '[not shown]';
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => redactValue(item, depth + 1));
  return redactEntries(value, depth);
}
