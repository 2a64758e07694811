import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Understudy } from '../../src/system/understudy.ts';
import { createUnderstudy } from '../../src/system.ts';
import { renderPrometheus } from '../../src/telemetry/prometheus.ts';
import { parsePrometheus } from './prometheus-text.ts';

let understudy: Understudy;
beforeEach(async () => {
  understudy = await createUnderstudy();
});
afterEach(() => understudy.stop());

async function samples(name: string) {
  const families = await understudy.ask({ type: 'metrics.snapshot' });
  return families.find((family) => family.name === name)?.series;
}

describe('the metrics actor', () => {
  it('counts and observes for the host application', async () => {
    await understudy.ask({ type: 'metrics.count', name: 'orders', labels: { shop: 'Berlin' } });
    await understudy.ask({ type: 'metrics.count', name: 'orders', by: 4, labels: { shop: 'Berlin' } });
    await understudy.ask({ type: 'metrics.observe', name: 'checkout_seconds', values: [0.1, 0.2] });
    expect(await samples('app_orders_total')).toEqual([{ labels: { shop: 'Berlin' }, value: 5 }]);
    expect(await samples('app_checkout_seconds')).toMatchObject([{ value: { count: 2 } }]);
  });

  it('gives readings that do not change afterwards', async () => {
    await understudy.ask({ type: 'metrics.observe', name: 'took', values: [1] });
    const before = await samples('app_took');
    await understudy.ask({ type: 'metrics.observe', name: 'took', values: [1] });
    expect(before).toMatchObject([{ value: { count: 1 } }]);
  });

  it.each([
    ['a name of other letters', { name: 'Über' }],
    ['a negative step', { name: 'n', by: -1 }],
    ['a step that is no number', { name: 'n', by: Number.NaN }],
    ['a label of a meaning of its own', { name: 'n', labels: { le: '1' } }],
    ['a label name that Prometheus refuses', { name: 'n', labels: { 'a-b': '1' } }],
    ['a label that is too long', { name: 'n', labels: { a: 'x'.repeat(65) } }],
    ['too many labels', { name: 'n', labels: Object.fromEntries([...'abcdefghi'].map((l) => [l, ''])) }],
  ])('refuses %s and counts nothing', async (_what, fields) => {
    const refused = understudy.ask({ type: 'metrics.count', ...fields });
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_MESSAGE' });
    expect(await samples('app_n_total')).toBeUndefined();
  });

  it('never tells what it was given', async () => {
    const refused = understudy.ask({ type: 'metrics.count', name: 'SECRET-1', labels: { a: 'SECRET-2' } });
    await expect(refused).rejects.toThrow(/^(?!.*SECRET).*name/s);
  });

  it('refuses a name of another kind', async () => {
    await understudy.ask({ type: 'metrics.count', name: 'n' });
    const refused = understudy.ask({ type: 'metrics.observe', name: 'n_total', values: [1] });
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_MESSAGE' });
  });

  it('makes a dead letter of what it was told and cannot do', async () => {
    const letters: unknown[] = [];
    understudy.subscribe((event) => event.type === 'dead-letter' && letters.push(event));
    await understudy.ask({ type: 'metrics.count', name: 'n' });
    understudy.send({ type: 'metrics.observe', name: 'n_total', values: [1] });
    expect(letters).toMatchObject([{ messageType: 'metrics.observe', reason: 'INVALID_MESSAGE' }]);
  });

  it('takes no more names than it has room for', async () => {
    const counted = await Promise.allSettled(
      Array.from({ length: 200 }, (_, n) => understudy.ask({ type: 'metrics.count', name: `n${n}` })),
    );
    const refused = counted.filter((one) => one.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every((one) => one.reason.code === 'OVERLOADED')).toBe(true);
    expect(await samples('understudy_metric_overflow_total')).toEqual([
      { labels: { metric: 'other' }, value: refused.length },
    ]);
    await understudy.ask({ type: 'metrics.count', name: 'n0' });
    expect(await samples('app_n0_total')).toEqual([{ labels: {}, value: 2 }]);
  });

  it('reads all there is as Prometheus understands it', async () => {
    await understudy.cache.set('a', 1);
    await understudy.cache.get('a');
    const text = renderPrometheus(await understudy.ask({ type: 'metrics.snapshot' }));
    const families = parsePrometheus(text);
    const requests = families.find((family) => family.name === 'understudy_requests_total');
    expect(requests?.samples).toContainEqual({
      name: 'understudy_requests_total',
      labels: { operation: 'get', tier: 'memory', result: 'hit' },
      value: 1,
    });
    const counters = families.filter((family) => family.type === 'counter').map((family) => family.name);
    expect(counters.filter((name) => !name.endsWith('_total'))).toEqual([]);
  });
});
