import { hostname } from 'node:os';
import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import type { Logger } from '../runtime/logger.ts';
import type { MetricSource } from './metric-producer.ts';
import { metricReaders } from './metric-reader.ts';
import { type Environment, resourceDefaults, wantedSignals } from './otel-environment.ts';
import { safeText } from './safe-text.ts';
import { SCOPE } from './version.ts';

/** What is exported, and whose name it bears. A running system is one. */
export interface TelemetrySource extends MetricSource {
  health(): Promise<{ readonly instance: string }>;
}

export interface Telemetry {
  /** Whether spans, and metrics, leave the process. */
  readonly traces: boolean;
  readonly metrics: boolean;
  /** Sends what is left and stops; at the latest after `patience` milliseconds. Never rejects. */
  shutdown(patience?: number): Promise<void>;
}

/** Milliseconds that the last export may take: a collector that is away must not hold up the end of a process. */
const PATIENCE = 3_000;

/**
 * Exports traces and metrics of a service as the standard variables of OpenTelemetry say: OTEL_EXPORTER_OTLP_ENDPOINT or
 * those by signal, OTEL_TRACES_EXPORTER, OTEL_METRICS_EXPORTER, OTEL_SDK_DISABLED and what the SDK knows besides; the SDK
 * reads them from `process.env`, of which `env` is a view. Loads the SDK only when one of them asks for it. For services:
 * it registers the SDK for the whole process. An application has one of its own and uses `metricProducer` in that.
 */
export async function startTelemetry(
  env: Environment,
  source: TelemetrySource,
  logger: Logger,
): Promise<Telemetry> {
  const wanted = wantedSignals(env);
  const traces = wanted.traces.length > 0;
  const metrics = wanted.metrics.length > 0;
  if (!traces && !metrics) return { traces, metrics, shutdown: async () => {} };
  if (env.OTEL_CONFIG_FILE) {
    logger.warn(
      {},
      'OTEL_CONFIG_FILE replaces all other variables, and leaves out the metrics of this service',
    );
  }
  const { startNodeSdk } = await import('@opentelemetry/sdk-node');
  const { instance } = await source.health();
  const sdk = startNodeSdk({
    // Its console is not our log. It says there why it cannot start; after that it speaks through ours.
    logLevel: 'error',
    // Not the process detector, unless asked for: it exports the command line, which may hold a password.
    ...(env.OTEL_NODE_RESOURCE_DETECTORS ? {} : { resourceDetectors: [] }),
    resourceAttributes: resourceDefaults(env, {
      'service.name': 'understudy',
      'service.version': SCOPE.version,
      'service.instance.id': instance,
      'host.name': hostname(),
    }),
    ...(traces ? {} : { spanProcessors: [] }),
    metricReaders: metrics ? await metricReaders(wanted.metrics, env, source, logger) : [],
    logRecordProcessors: [],
  });
  diag.setLogger(diagnostics(logger), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  logger.info({ traces, metrics }, 'exporting telemetry');
  return { traces, metrics, shutdown: (patience = PATIENCE) => within(patience, sdk.shutdown()) };
}

/** What the SDK has to say, in the log of the service. It may quote what it sends, so its arguments are dropped. */
function diagnostics(logger: Logger): DiagLogger {
  return {
    error: (message) => logger.error(reported(message), 'the OpenTelemetry SDK failed'),
    warn: (message) => logger.warn(reported(message), 'the OpenTelemetry SDK warns'),
    info: () => {},
    debug: () => {},
    verbose: () => {},
  };
}

/** The SDK reports an error as JSON of all that it holds: its code and the beginning of its message are enough. */
function reported(message: string): object {
  const code = /"code":"(\w{1,32})"/.exec(message)?.[1];
  const text = /"message":"((?:[^"\\]|\\.)*)"/.exec(message)?.[1] ?? message;
  return { ...(code === undefined ? {} : { code }), reason: safeText(text) };
}

async function within(patience: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patience);
  });
  await Promise.race([work.catch(() => {}), late]);
  clearTimeout(timer);
}
