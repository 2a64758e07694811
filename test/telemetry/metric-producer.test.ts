import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Understudy } from '../../src/system/understudy.ts';
import { createUnderstudy } from '../../src/system.ts';
import { metricProducer } from '../../src/telemetry/metric-producer.ts';

let understudy: Understudy;
beforeAll(async () => {
  understudy = await createUnderstudy();
  await understudy.cache.set('a', 1);
  await understudy.cache.getMany(['a', 'b', 'c']);
});
afterAll(() => understudy.stop());

/** What a host's own SDK exports. */
async function exported(source: Understudy) {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, metricProducers: [metricProducer(source)] });
  const provider = new MeterProvider({ readers: [reader] });
  provider.getMeter('host').createCounter('host_total').add(1);
  const { errors } = await reader.collect();
  await provider.forceFlush();
  const scopes = exporter.getMetrics().at(-1)?.scopeMetrics ?? [];
  await provider.shutdown();
  return { scopes, errors };
}

describe('the metric producer', () => {
  it('adds the metrics of the system to those of the host', async () => {
    const { scopes, errors } = await exported(understudy);
    expect(errors).toEqual([]);
    expect(scopes.map(({ scope }) => scope.name)).toEqual(['host', 'understudy-cache']);
    expect(scopes[1]?.scope.version).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('gives every family, with the numbers that a snapshot gives', async () => {
    const { scopes } = await exported(understudy);
    const metrics = new Map(scopes[1]?.metrics.map((metric) => [metric.descriptor.name, metric]));
    const families = await understudy.ask({ type: 'metrics.snapshot' });
    expect([...metrics.keys()].sort()).toEqual(families.map(({ name }) => name).sort());
    const requests = metrics.get('understudy_requests_total');
    expect(requests).toMatchObject({ isMonotonic: true, aggregationTemporality: 1 });
    expect(requests?.dataPoints).toContainEqual(
      expect.objectContaining({ attributes: { operation: 'get', tier: 'memory', result: 'miss' }, value: 2 }),
    );
    expect(metrics.get('understudy_memory_entries')?.dataPoints).toMatchObject([{ value: 1 }]);
    expect(metrics.get('understudy_memory_bytes')?.descriptor.unit).toBe('By');
  });

  it('gives whole histograms', async () => {
    await understudy.ask({ type: 'metrics.observe', name: 'took_seconds', values: [0.0002, 0.3, 9] });
    const { scopes } = await exported(understudy);
    const histogram = scopes[1]?.metrics.find((metric) => metric.descriptor.name === 'app_took_seconds');
    const families = await understudy.ask({ type: 'metrics.snapshot' });
    const read = families.find((family) => family.name === 'app_took_seconds')?.series[0]?.value;
    if (typeof read !== 'object') throw new Error('no histogram in the snapshot');
    const { bounds, counts, sum, count } = read;
    expect({ sum, count, last: counts.at(-1) }).toEqual({ sum: 9.3002, count: 3, last: 1 });
    expect(histogram?.dataPoints[0]?.value).toEqual({ buckets: { boundaries: bounds, counts }, sum, count });
  });

  it('counts from the start of the process to now', async () => {
    const { scopes } = await exported(understudy);
    const point = scopes[1]?.metrics[0]?.dataPoints[0] ?? scopes[1]?.metrics[1]?.dataPoints[0];
    const [start = 0] = point?.startTime ?? [];
    const [end = 0] = point?.endTime ?? [];
    expect(start).toBe(Math.trunc(performance.timeOrigin / 1_000));
    expect(Math.abs(end - Date.now() / 1_000)).toBeLessThan(5);
  });

  it('says so when the system does not answer, and leaves the rest of the collection alone', async () => {
    const stopped = await createUnderstudy();
    await stopped.stop();
    const { scopes, errors } = await exported(stopped);
    expect(scopes.map(({ scope }) => scope.name)).toEqual(['host']);
    expect(errors).toMatchObject([{ code: 'STOPPING' }]);
  });
});
