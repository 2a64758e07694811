/**
 * What an error of Redis says. `outage`: Redis cannot serve now, the breaker counts it. `refused`: Redis is well and will not
 * do this (permissions); counting it would open the breaker for everybody.
 */
export type FailureKind = 'outage' | 'refused';

const REFUSALS = ['NOPERM', 'WRONGTYPE', 'NOSCRIPT'];

/** How NOPERM reads where it befell a command inside a script; the code is lost there. */
const REFUSED_IN_SCRIPT = /^(?:ERR )?(?:The user executing the script|ACL failure in script)\b/;

/** Replies of a server that is up but cannot serve. Everything else without a known prefix is a broken connection. */
export function failureKind(error: unknown): FailureKind {
  const code = replyCode(error);
  if (code !== undefined && REFUSALS.includes(code)) return 'refused';
  return error instanceof Error && REFUSED_IN_SCRIPT.test(error.message) ? 'refused' : 'outage';
}

/** Replies that will be others later. */
const PASSING = [
  'LOADING',
  'BUSY',
  'MASTERDOWN',
  'CLUSTERDOWN',
  'TRYAGAIN',
  'READONLY',
  'NOAUTH',
  'WRONGPASS',
];

/** Whether a server that is well says that it does not do this: it is not allowed, or it does not know how. */
export function isUnwilling(error: unknown): boolean {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return false;
  return !PASSING.includes(replyCode(error) ?? '');
}

/** The leading upper-case word of an error reply: LOADING, READONLY, OOM, ... */
export function replyCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return /^(?:ERR )?([A-Z]{3,})\b/.exec(error.message)?.[1];
}

/**
 * An error that may be logged. ioredis hangs the whole command with its arguments, passwords and values on the error it
 * throws; only what the server or the system said is kept.
 */
export function safeError(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('unknown failure of the Redis client');
  const code = 'code' in error ? error.code : undefined;
  // Where a name has several addresses, and all of them failed, there is a code but no message.
  const safe = new Error(shortened(error.message) || String(code ?? error.name));
  safe.name = error.name;
  if (typeof code === 'string') Object.assign(safe, { code });
  return safe;
}

/** Some replies quote what they were sent: only their first clause is safe. */
function shortened(message: string): string {
  const code = /^(?:ERR )?[A-Z]{3,}\b/.exec(message)?.[0];
  if (code === undefined) return message.replace(/["'`].*$/s, '').slice(0, 160);
  return message.replace(/["'`].*$/s, '').slice(0, 160);
}
