import { describe, expect, it } from 'vitest';
import { Instruments } from '../../src/telemetry/instruments.ts';
import { renderPrometheus } from '../../src/telemetry/prometheus.ts';
import { parsePrometheus } from './prometheus-text.ts';

function rendered(fill: (instruments: Instruments) => void) {
  const instruments = new Instruments();
  fill(instruments);
  const families = parsePrometheus(renderPrometheus(instruments.read()));
  return (name: string) => families.find((family) => family.name === name);
}

describe('the Prometheus text', () => {
  it('gives counters and gauges with their labels', () => {
    const family = rendered((instruments) => {
      instruments.counter('hits_total', 'Hits.', { tier: 'memory' }).add(3);
      instruments.counter('hits_total', 'Hits.', { tier: 'redis' }).add(0.5);
      instruments.gauge('depth', 'Depth.', () => -7);
    });
    expect(family('hits_total')).toEqual({
      name: 'hits_total',
      type: 'counter',
      help: 'Hits.',
      samples: [
        { name: 'hits_total', labels: { tier: 'memory' }, value: 3 },
        { name: 'hits_total', labels: { tier: 'redis' }, value: 0.5 },
      ],
    });
    expect(family('depth')).toMatchObject({ type: 'gauge', samples: [{ labels: {}, value: -7 }] });
  });

  it('cumulates the buckets of a histogram up to +Inf, and adds sum and count', () => {
    const family = rendered((instruments) => {
      const histogram = instruments.histogram('took_seconds', 'Took.', { operation: 'get' }, [0.1, 1]);
      for (const value of [0.05, 0.1, 0.5, 3]) histogram.record(value);
      histogram.record(0.7, 10);
    });
    const samples = family('took_seconds')?.samples ?? [];
    expect(samples.map(({ name, labels, value }) => [name, labels.le, value])).toEqual([
      ['took_seconds_bucket', '0.1', 2],
      ['took_seconds_bucket', '1', 13],
      ['took_seconds_bucket', '+Inf', 14],
      ['took_seconds_sum', undefined, 10.65],
      ['took_seconds_count', undefined, 14],
    ]);
    expect(samples.every(({ labels }) => labels.operation === 'get')).toBe(true);
  });

  it('escapes what would end a label or a line', () => {
    const awkward = 'a "quoted" back\\slash\nand a second line, {with="braces"}';
    const family = rendered((instruments) => {
      instruments.counter('odd_total', 'First line\nsecond \\ line.', { text: awkward }).add();
    });
    expect(family('odd_total')?.samples[0]?.labels.text).toBe(awkward);
    expect(family('odd_total')?.help).toBe('First line\nsecond \\ line.');
  });

  it('writes numbers as Prometheus reads them', () => {
    const values = [1e-7, 1e21, Infinity, -Infinity, Number.NaN, 0];
    const family = rendered((instruments) => {
      for (const [at, value] of values.entries())
        instruments.gauge('g', 'G.', () => value, { at: String(at) });
    });
    expect(family('g')?.samples.map((sample) => sample.value)).toEqual(values);
  });

  it('is empty where nothing is counted', () => {
    expect(renderPrometheus([])).toBe('');
  });
});
