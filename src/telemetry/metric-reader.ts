import type { PeriodicExportingMetricReader, PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { Logger } from '../runtime/logger.ts';
import { type MetricSource, metricProducer } from './metric-producer.ts';
import { type Environment, exportTimes, metricsProtocol } from './otel-environment.ts';

/** A reader for each exporter that is named, which sends what a system counts at the standard interval. */
export async function metricReaders(
  names: readonly string[],
  env: Environment,
  source: MetricSource,
  logger: Logger,
): Promise<PeriodicExportingMetricReader[]> {
  const { ConsoleMetricExporter, PeriodicExportingMetricReader } = await import('@opentelemetry/sdk-metrics');
  const { interval, timeout } = exportTimes(env);
  const readers: PeriodicExportingMetricReader[] = [];
  for (const name of new Set(names)) {
    let exporter: PushMetricExporter;
    if (name === 'otlp') exporter = await otlpExporter(metricsProtocol(env), logger);
    else if (name === 'console') exporter = new ConsoleMetricExporter();
    else {
      const instead = name === 'prometheus' ? '/metrics serves them' : 'expected otlp, console or none';
      logger.warn({ exporter: name }, `OTEL_METRICS_EXPORTER: no such exporter of metrics; ${instead}`);
      continue;
    }
    readers.push(
      new PeriodicExportingMetricReader({
        exporter,
        exportIntervalMillis: interval,
        exportTimeoutMillis: timeout,
        metricProducers: [metricProducer(source)],
      }),
    );
  }
  return readers;
}

async function otlpExporter(protocol: string, logger: Logger): Promise<PushMetricExporter> {
  switch (protocol) {
    case 'grpc':
      return new (await import('@opentelemetry/exporter-metrics-otlp-grpc')).OTLPMetricExporter();
    case 'http/json':
      return new (await import('@opentelemetry/exporter-metrics-otlp-http')).OTLPMetricExporter();
    default:
      if (protocol !== 'http/protobuf') {
        logger.warn({ protocol }, 'OTEL_EXPORTER_OTLP_PROTOCOL: no such protocol; using http/protobuf');
      }
      return new (await import('@opentelemetry/exporter-metrics-otlp-proto')).OTLPMetricExporter();
  }
}
