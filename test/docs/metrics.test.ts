import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Understudy } from '../../src/system/understudy.ts';
import { createUnderstudy } from '../../src/system.ts';
import type { FamilyReading } from '../../src/telemetry/readings.ts';
import { type PostgresServer, startPostgres } from '../servers/postgres-server.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';

const text = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');

/** The cells of the rows of tables whose first cell is code. */
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
const documented = rows.filter((row) => row.length === 5);

const code = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);

let redis: RedisServer;
let postgres: PostgresServer;
let understudy: Understudy;
let families: readonly FamilyReading[];

beforeAll(async () => {
  redis = await startRedis();
  postgres = await startPostgres();
  understudy = await createUnderstudy({
    redis: { url: redis.url },
    near: true,
    namespaces: { users: {} },
    durable: { url: postgres.url, values: true },
    hotKeys: { size: 100 },
    warmup: true,
  });
  // One series too many, so that the metric of that has a series too.
  for (let n = 0; n <= 500; n++)
    understudy.send({ type: 'metrics.count', name: 'n', labels: { id: String(n) } });
  families = await understudy.ask({ type: 'metrics.snapshot' });
});
afterAll(async () => {
  await understudy?.stop();
  await redis?.stop();
  await postgres?.stop();
});

const own = (): readonly FamilyReading[] => families.filter(({ name }) => name.startsWith('understudy_'));

function valuesOf(label: string, metric: RegExp): string[] {
  const of = own().filter(({ name }) => metric.test(name));
  const values = of.flatMap(({ series }) => series.map(({ labels }) => labels[label]));
  return [...new Set(values.filter((value) => value !== undefined))].sort();
}

describe('docs/metrics.md', () => {
  it('names every metric there is, and no other', () => {
    expect(documented.map(([name]) => code(name)[0]).sort()).toEqual(
      own()
        .map(({ name }) => name)
        .sort(),
    );
  });

  it('gives the kind, labels, unit and help of each', () => {
    const given = documented.map(([name, kind, labels, unit, help]) => ({
      name: code(name)[0],
      kind,
      labels: code(labels),
      unit: code(unit)[0],
      help,
    }));
    const actual = given.map(({ name }) => {
      const family = own().find((one) => one.name === name);
      return {
        name,
        kind: family?.kind,
        labels: Object.keys(family?.series[0]?.labels ?? {}),
        unit: family?.unit,
        help: family?.help,
      };
    });
    expect(given).toEqual(actual);
  });

  it.each([
    ['`operation` of requests and operations', 'operation', /requests|operation_duration/],
    ['`operation` of round trips', 'operation', /round_trip/],
    ['`tier`', 'tier', /requests/],
    ['`result`', 'result', /requests/],
    ['`state`', 'state', /breaker/],
    ['`actor`', 'actor', /./],
  ])('names the values of %s, and no other', (title, label, metric) => {
    const row = rows.find(([first]) => first === title);
    expect(code(row?.[1]).sort()).toEqual(valuesOf(label, metric));
  });

  it('says how many series a metric has at most', async () => {
    expect(text).toContain('at most 500 series');
    const counted = families.find(({ name }) => name === 'app_n_total')?.series;
    expect(counted).toHaveLength(501);
    expect(counted?.at(-1)?.labels).toEqual({ otel_metric_overflow: 'true' });
    expect(valuesOf('metric', /overflow/)).toEqual(['app_n_total']);
  });
});
