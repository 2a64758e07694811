import { isUnderstudyError } from '../runtime/errors.ts';
import { safeText } from './safe-text.ts';

/** What may be told of an error. */
export interface ErrorDescription {
  readonly name: string;
  readonly code?: string;
  readonly message: string;
  /** Where it was thrown: calls only. */
  readonly stack?: string;
  readonly cause?: ErrorDescription;
  /** Of an AggregateError. */
  readonly errors?: readonly ErrorDescription[];
}

/** Causes of causes, and errors of errors. */
const MAX_DEPTH = 4;
const MAX_ERRORS = 5;
const MAX_FRAMES = 20;

/**
 * An error as it may be logged: never with what a library hung on it (ioredis: the command with its password and values),
 * nor what its message quotes. Of what is no error, only the type.
 */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  try {
    return describe(error, depth);
  } catch {
    return { name: 'Error', message: 'an error that throws when it is read' };
  }
}

function describe(error: unknown, depth: number): ErrorDescription {
  if (!(error instanceof Error)) return { name: 'Error', message: `a ${typeof error} was thrown` };
  const { name, message, cause } = error;
  const code = 'code' in error ? word(error.code) : undefined;
  const stack = framesOf(error);
  const deeper = depth + 1 < MAX_DEPTH;
  const several = error instanceof AggregateError && Array.isArray(error.errors) ? error.errors : [];
  return {
    name: word(name) ?? 'Error',
    ...(code === undefined ? {} : { code }),
    // Messages of this package name what was given by its type or length, and quote option names and bounds only.
    message: isUnderstudyError(error) ? String(message).slice(0, 2_000) : safeText(String(message)),
    ...(stack === '' ? {} : { stack }),
    ...(cause === undefined || !deeper ? {} : { cause: describeError(cause, depth + 1) }),
    ...(several.length === 0 || !deeper
      ? {}
      : { errors: several.slice(0, MAX_ERRORS).map((each) => describeError(each, depth + 1)) }),
  };
}

/** An identifier, which a name or a code is and a secret is not. */
function word(text: unknown): string | undefined {
  return typeof text === 'string' && /^[\w.-]{1,64}$/.test(text) ? text : undefined;
}

/** The stack without its head, which repeats the message. */
function framesOf({ stack, message }: Error): string {
  if (typeof stack !== 'string') return '';
  const head = stack.indexOf(message);
  const frames = (head < 0 ? stack : stack.slice(head + message.length)).split('\n');
  return frames
    .filter((line) => /^ {4}at /.test(line))
    .slice(0, MAX_FRAMES)
    .join('\n');
}
