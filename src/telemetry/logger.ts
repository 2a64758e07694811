import pino, { type DestinationStream } from 'pino';
import type { Logger } from '../runtime/logger.ts';

export type LogLevel = 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** A pino logger. Errors are written as name, code and message: never with what a library hung on them. */
export function createLogger(level: LogLevel, bindings: object, destination?: DestinationStream): Logger {
  const settings = { level, base: bindings, serializers: { err: describeError } };
  return destination === undefined ? pino(settings) : pino(settings, destination);
}

function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return { name: error.name, ...code, message: error.message, stack: error.stack };
}
