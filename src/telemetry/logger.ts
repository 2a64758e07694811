import { trace } from '@opentelemetry/api';
import pino, { type DestinationStream, type LoggerOptions } from 'pino';
import type { Logger } from '../runtime/logger.ts';
import { redact } from './redact.ts';

export type LogLevel = 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/**
 * A pino logger, which writes JSON lines to `destination` (default: standard output). Every entry has `bindings`, and the
 * ids of the active span where one records. Errors and secrets are made safe to keep, wherever they stand in the fields.
 */
export function createLogger(level: LogLevel, bindings: object, destination?: DestinationStream): Logger {
  const settings: LoggerOptions = {
    level,
    base: bindings,
    mixin: activeSpan,
    formatters: { log: redact },
    // What pino would do to errors under this name is done already.
    serializers: { err: (described: unknown) => described },
    hooks: {
      logMethod(args, method) {
        const fields: unknown = args[0];
        // Without a message pino would take that of the error as it is.
        if (fields instanceof Error && args.length === 1) method.apply(this, [{ err: fields }, 'error']);
        else method.apply(this, args);
      },
    },
  };
  return destination === undefined ? pino(settings) : pino(settings, destination);
}

/** As OpenTelemetry names them in logs that are no OTLP. */
function activeSpan(): object {
  const span = trace.getActiveSpan();
  if (!span?.isRecording()) return {};
  const { traceId, spanId, traceFlags } = span.spanContext();
  return { trace_id: traceId, span_id: spanId, trace_flags: traceFlags.toString(16).padStart(2, '0') };
}
