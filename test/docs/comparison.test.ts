import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LoadContext, LoadOptions } from '../../src/index.ts';
import { Cache } from '../../src/system/cache.ts';
import { readDoc, tableIn } from './markdown-table.ts';

const LIBRARIES = [
  'Understudy',
  'FusionCache',
  'BentoCache',
  'cacheable',
  'cache-manager',
  'Keyv',
  'cashews',
  'Redisson',
  'rueidis',
  'Caffeine',
];
const OF_LOADS: Record<keyof (LoadOptions & LoadContext), true> = {
  ttl: true,
  deadline: true,
  signal: true,
  grace: true,
  backoff: true,
  staleWhileRevalidate: true,
  softTimeout: true,
  hardTimeout: true,
  refreshAhead: true,
  xfetch: true,
  jitter: true,
  sliding: true,
  negativeTtl: true,
  tags: true,
  stale: true,
  setTtl: true,
  setEtag: true,
  setModified: true,
  setTags: true,
  notModified: true,
  skip: true,
  fail: true,
};
const ANSWER = /^(yes|no|partly|not found|not applicable)\b/;
const root = join(import.meta.dirname, '../..');
const text = readDoc('comparison.md');
const [body = '', list = ''] = text.split('\n## Sources\n');
const features = body.slice(body.indexOf('\n## Features\n'), body.indexOf('\n## What they do better\n'));
const rows = [...features.matchAll(/^### .+$/gm)].flatMap(([heading]) => tableIn(features, heading));
const sources = [...list.matchAll(/^(\d+)\. (.+)$/gm)].map(([, number, source]) => ({
  number: Number(number),
  source: source ?? '',
}));
/** What Understudy is said to have or not to have, as it stands in the page, with its backticks. */
const ours = new Map(
  [...features.matchAll(/^\| (?<feature>.+?) \| (?<claim>.+?) \|/gm)].map(({ groups }) => [
    groups?.feature?.replaceAll('`', '') ?? '',
    groups?.claim ?? '',
  ]),
);

const cited = (part: string) => [...part.matchAll(/\[(\d+)\]/g)].map(([, number]) => Number(number));
const code = (part: string) => [...part.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');

test.each(rows)('$feature: for each library an answer, and where it is from', (row) => {
  for (const library of LIBRARIES) {
    expect(row[library], library).toMatch(ANSWER);
    expect(cited(row[library] ?? ''), library).not.toEqual([]);
  }
});

test('there are rows, each of one feature and of these libraries', () => {
  expect(rows.length).toBeGreaterThan(30);
  expect(new Set(rows.map((row) => row.feature)).size).toBe(rows.length);
  for (const row of rows) expect(Object.keys(row)).toEqual(['feature', ...LIBRARIES]);
});

test('every source that is cited exists, and every source is cited', () => {
  expect([...new Set(cited(body))].sort((a, b) => a - b)).toEqual(sources.map(({ number }) => number));
  expect(sources.map(({ number }) => number)).toEqual(sources.map((_, at) => at + 1));
});

test('no source is listed twice, and each has an address', () => {
  expect(new Set(sources.map(({ source }) => source)).size).toBe(sources.length);
  for (const { source } of sources) expect(source).toMatch(/^<https:\/\/\S+>$|\]\([^)]+\)/);
});

test('what is linked within the project is there', () => {
  const targets = [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, path]) => path ?? '');
  expect(targets.filter((path) => !existsSync(join(root, 'docs', path)))).toEqual([]);
});

test('each of the others does something better', () => {
  const [, better = ''] = body.split('\n## What they do better\n');
  const [points = ''] = better.split('\n## ');
  const named = [...points.matchAll(/^- \*\*(.+?)\*\*/gm)].map(([, library]) => library);
  expect(named).toEqual(LIBRARIES.slice(1));
});

test('the entry points that are claimed are those of the package', () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: object };
  const published = Object.keys(exports).filter((path) => path !== '.' && path !== './package.json');
  const claimed = [...ours.values()].flatMap(code).filter((name) => name.startsWith('understudy-cache/'));
  expect(claimed.sort()).toEqual(published.map((path) => path.replace('.', 'understudy-cache')).sort());
});

test('what is claimed of loads and of time are options of getOrSet, or given to its loaders', () => {
  const freshness = sources.find(({ source }) => source.includes('(freshness.md)'))?.number;
  const claimed = [...ours.values()].filter((claim) => cited(claim).some((number) => number === freshness));
  expect(claimed.length).toBeGreaterThan(5);
  expect(claimed.flatMap(code).filter((name) => !Object.hasOwn(OF_LOADS, name))).toEqual([]);
});

test('of many keys there is what is claimed, and not what is denied', () => {
  const claim = ours.get('bulk getOrSet') ?? '';
  expect(code(claim).filter((name) => !Object.hasOwn(Cache.prototype, name))).toEqual([]);
  expect(claim.startsWith('yes')).toBe(Object.hasOwn(Cache.prototype, 'getOrSetMany'));
});
