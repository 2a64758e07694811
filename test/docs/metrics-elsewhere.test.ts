import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Understudy } from '../../src/system/understudy.ts';
import { createUnderstudy } from '../../src/system.ts';
import type { FamilyReading } from '../../src/telemetry/readings.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const dashboards = globSync('docker/grafana/dashboards/*.json', { cwd: root });
const texts = globSync(['README.md', 'docs/**/*.md', 'docker/**/*'], { cwd: root, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`);

let understudy: Understudy;
let families: ReadonlyMap<string, FamilyReading>;

beforeAll(async () => {
  // Configured is enough: whether it answers changes no name.
  understudy = await createUnderstudy({
    redis: { url: 'redis://127.0.0.1:1', connectTimeout: 50 },
    near: true,
    hotKeys: { size: 10 },
    warmup: true,
    namespaces: { users: {} },
    durable: { url: 'postgres://127.0.0.1:1/none', values: true },
  });
  const read = await understudy.ask({ type: 'metrics.snapshot' });
  families = new Map(read.map((family) => [family.name, family]));
});
afterAll(() => understudy?.stop());

/** The family that a name in a query belongs to. */
function familyOf(name: string): FamilyReading | undefined {
  const whole = families.get(name);
  if (whole !== undefined) return whole;
  const histogram = families.get(name.replace(/_(bucket|sum|count)$/, ''));
  return histogram?.kind === 'histogram' ? histogram : undefined;
}

/** Every query of a dashboard, wherever it stands. */
function queriesOf(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const own = 'expr' in node && typeof node.expr === 'string' ? [node.expr] : [];
  return [...own, ...Object.values(node).flatMap(queriesOf)];
}

const queries = dashboards.flatMap((file) => queriesOf(JSON.parse(readFileSync(`${root}${file}`, 'utf8'))));

/** Labels that the scraper adds, or the format. */
const FOREIGN = ['instance', 'job', 'le'];

describe('what others say of the metrics', () => {
  it('names metrics that exist, in the docs and in docker/', () => {
    const named = texts.flatMap(
      (file) => readFileSync(file, 'utf8').match(/\bunderstudy_[a-z0-9_]+\b/g) ?? [],
    );
    expect(named.length).toBeGreaterThan(20);
    expect([...new Set(named)].filter((name) => familyOf(name) === undefined)).toEqual([]);
  });

  it('queries metrics that exist', () => {
    expect(queries.length).toBeGreaterThan(10);
    for (const query of queries) {
      const names = query.match(/\b(understudy|app)_[a-z0-9_]+\b/g) ?? [];
      expect(names, query).not.toEqual([]);
      expect(
        names.filter((name) => familyOf(name) === undefined),
        query,
      ).toEqual([]);
    }
  });

  it('takes rates of counters and quantiles of histograms only', () => {
    for (const query of queries) {
      for (const [, name = ''] of query.matchAll(/\b(?:rate|increase)\((\w+)/g)) {
        expect(['counter', 'histogram'], query).toContain(familyOf(name)?.kind);
      }
      if (query.includes('histogram_quantile')) expect(query).toMatch(/_bucket\b.*|by \(le/);
    }
  });

  it('selects by labels, and values of them, that exist', () => {
    for (const query of queries) {
      for (const [, name = '', selectors = ''] of query.matchAll(/\b(\w+)\{([^}]*)\}/g)) {
        const series = familyOf(name)?.series ?? [];
        for (const [, label = '', operator = '', value = ''] of selectors.matchAll(
          /(\w+)(=~|=|!=|!~)"([^"]*)"/g,
        )) {
          if (FOREIGN.includes(label)) continue;
          const values = series.map(({ labels }) => labels[label]);
          const wanted = operator.includes('~') ? value.split('|') : [value];
          for (const one of wanted) expect(values, `${label} in ${query}`).toContain(one);
        }
      }
      for (const [, labels = ''] of query.matchAll(/\bby \(([^)]*)\)/g)) {
        const names = query.match(/\bunderstudy_[a-z0-9_]+\b/g) ?? [];
        const known = names.flatMap((name) => Object.keys(familyOf(name)?.series[0]?.labels ?? {}));
        for (const label of labels.split(',')) expect([...known, ...FOREIGN], query).toContain(label.trim());
      }
    }
  });
});
