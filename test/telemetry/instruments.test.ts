import { describe, expect, it } from 'vitest';
import { Instruments } from '../../src/telemetry/instruments.ts';

function seriesOf(instruments: Instruments, name: string) {
  return instruments.read().find((family) => family.name === name)?.series ?? [];
}

function overflow(instruments: Instruments, metric: string): unknown {
  const all = seriesOf(instruments, 'understudy_metric_overflow_total');
  return all.find(({ labels }) => labels.metric === metric)?.value;
}

const LIMITS = { series: 10, families: 20 };

describe('instruments', () => {
  it('are the same for the same labels, in whatever order: a restarted actor goes on counting', () => {
    const instruments = new Instruments();
    instruments.counter('n_total', 'N.', { a: '1', b: '2' }).add(2);
    instruments.counter('n_total', 'N.', { b: '2', a: '1' }).add(3);
    expect(seriesOf(instruments, 'n_total')).toEqual([{ labels: { a: '1', b: '2' }, value: 5 }]);
  });

  it('read counters that are kept elsewhere when somebody asks, and not before', () => {
    const instruments = new Instruments();
    let reads = 0;
    instruments.counterOf('evictions_total', 'E.', () => ++reads * 10);
    expect(reads).toBe(0);
    const [family] = instruments.read().filter(({ name }) => name === 'evictions_total');
    expect(family).toMatchObject({ kind: 'counter', series: [{ labels: {}, value: 10 }] });
  });

  it('take the later of two callbacks for the same labels', () => {
    const instruments = new Instruments();
    instruments.gauge('depth', 'D.', () => 1);
    instruments.gauge('depth', 'D.', () => 2);
    expect(seriesOf(instruments, 'depth')).toEqual([{ labels: {}, value: 2 }]);
  });

  it('count a value in the bucket whose bound it does not exceed', () => {
    const instruments = new Instruments();
    const histogram = instruments.histogram('took_seconds', 'T.');
    for (const bound of histogram.bounds) histogram.record(bound);
    histogram.record(1_000);
    expect(histogram.counts).toEqual([...histogram.bounds.map(() => 1), 1]);
    expect([histogram.bounds.at(0), histogram.bounds.at(-1)]).toEqual([0.00001, 2.5]);
  });

  it('do not grow with the labels: what finds no room is counted in common, and said to be', () => {
    const instruments = new Instruments(LIMITS);
    for (let n = 0; n < LIMITS.series + 300; n++)
      instruments.counter('n_total', 'N.', { id: String(n) }).add();
    const series = seriesOf(instruments, 'n_total');
    expect(series).toHaveLength(LIMITS.series + 1);
    const sum = series.reduce((total, { value }) => total + Number(value), 0);
    expect(sum).toBe(LIMITS.series + 300);
    expect(series.at(-1)).toEqual({ labels: { otel_metric_overflow: 'true' }, value: 300 });
    expect(overflow(instruments, 'n_total')).toBe(300);
  });

  it('do the same for histograms', () => {
    const instruments = new Instruments(LIMITS);
    for (let n = 0; n < LIMITS.series + 5; n++)
      instruments.histogram('t', 'T.', { id: String(n) }).record(0.2);
    const series = seriesOf(instruments, 't');
    expect(series).toHaveLength(LIMITS.series + 1);
    expect(series.at(-1)?.value).toMatchObject({ count: 5 });
  });

  it('leave out callbacks that find no room, and count them', () => {
    const instruments = new Instruments(LIMITS);
    for (let n = 0; n < LIMITS.series + 5; n++) instruments.gauge('g', 'G.', () => n, { id: String(n) });
    expect(seriesOf(instruments, 'g')).toHaveLength(LIMITS.series);
    expect(overflow(instruments, 'g')).toBe(5);
  });

  it('do not grow with the names either', () => {
    const instruments = new Instruments(LIMITS);
    for (let n = 0; n < LIMITS.families + 50; n++) instruments.counter(`name_${n}_total`, 'N.').add();
    expect(instruments.read()).toHaveLength(LIMITS.families);
    expect(instruments.full).toBe(true);
    expect(overflow(instruments, 'other')).toBe(51);
  });

  it('never let a name change its kind', () => {
    const instruments = new Instruments();
    instruments.counter('n', 'N.').add();
    instruments.histogram('n', 'N.').record(1);
    expect(seriesOf(instruments, 'n')).toEqual([{ labels: {}, value: 1 }]);
    expect(overflow(instruments, 'other')).toBe(1);
  });
});
