import { type HrTime, ValueType } from '@opentelemetry/api';
import type { CollectionResult, MetricData, MetricProducer } from '@opentelemetry/sdk-metrics';
import type { FamilyReading, HistogramReading } from './readings.ts';
import { SCOPE } from './version.ts';

type Sdk = typeof import('@opentelemetry/sdk-metrics');
type Resource = CollectionResult['resourceMetrics']['resource'];

/** Whatever answers `metrics.snapshot`: a running system does. */
export interface MetricSource {
  ask(message: { readonly type: 'metrics.snapshot' }): Promise<readonly FamilyReading[]>;
}

/** Required by the interface, and ignored: the reader's own is used. */
const NO_RESOURCE: Resource = {
  attributes: {},
  merge: (other) => other ?? NO_RESOURCE,
  getRawAttributes: () => [],
};

/**
 * The metrics of a system for an OpenTelemetry metric reader of the host application:
 *
 *     new PeriodicExportingMetricReader({ exporter, metricProducers: [metricProducer(understudy)] })
 *
 * Exact counters and histograms, cumulative, under the names of docs/metrics.md; they cost nothing until the reader
 * collects. A system that is stopped or does not answer has no metrics, and the collection one more error.
 */
export function metricProducer(source: MetricSource): MetricProducer {
  return {
    async collect() {
      try {
        // Not before it is needed: 25 MB, which whoever has a reader has loaded anyway.
        const sdk = await import('@opentelemetry/sdk-metrics');
        return collected(toMetrics(sdk, await source.ask({ type: 'metrics.snapshot' })), []);
      } catch (error) {
        return collected([], [error]);
      }
    },
  };
}

function collected(metrics: MetricData[], errors: unknown[]): CollectionResult {
  const scopeMetrics = metrics.length === 0 ? [] : [{ scope: SCOPE, metrics }];
  return { resourceMetrics: { resource: NO_RESOURCE, scopeMetrics }, errors };
}

function toMetrics(sdk: Sdk, families: readonly FamilyReading[]): MetricData[] {
  const startTime = hrTime(performance.timeOrigin);
  const endTime = hrTime(performance.timeOrigin + performance.now());
  return families.map((family) => toMetric(sdk, family, startTime, endTime));
}

function toMetric(sdk: Sdk, family: FamilyReading, startTime: HrTime, endTime: HrTime): MetricData {
  const { AggregationTemporality, DataPointType } = sdk;
  const { name, help, unit, kind, series } = family;
  const common = {
    descriptor: { name, description: help, unit, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const numbers = series.flatMap(({ labels, value }) =>
    typeof value === 'number' ? [{ startTime, endTime, attributes: { ...labels }, value }] : [],
  );
  if (kind === 'gauge') return { ...common, dataPointType: DataPointType.GAUGE, dataPoints: numbers };
  if (kind === 'counter') {
    return { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints: numbers };
  }
  const histograms = series.flatMap(({ labels, value }) =>
    typeof value === 'number'
      ? []
      : [{ startTime, endTime, attributes: { ...labels }, value: toHistogram(value) }],
  );
  return { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints: histograms };
}

function toHistogram({ bounds, counts, sum, count }: HistogramReading) {
  return { buckets: { boundaries: [...bounds], counts: [...counts] }, sum, count };
}

function hrTime(milliseconds: number): HrTime {
  const seconds = Math.trunc(milliseconds / 1_000);
  return [seconds, Math.round((milliseconds - seconds * 1_000) * 1e6)];
}
