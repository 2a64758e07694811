import { expect, test } from 'vitest';
import type { LoadContext, LoadOptions } from '../../src/index.ts';
import { readDoc, tableIn } from './markdown-table.ts';

const OPTIONS: Record<keyof LoadOptions, true> = {
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
};
const CONTEXT: Record<keyof LoadContext, true> = {
  signal: true,
  stale: true,
  setTtl: true,
  setEtag: true,
  setModified: true,
  setTags: true,
  notModified: true,
  skip: true,
  fail: true,
};

const document = readDoc('freshness.md');

test('every option of getOrSet is documented, and no other', () => {
  const section = document.slice(document.indexOf('## Options'));
  expect(tableIn(section).map((row) => row.option)).toEqual(Object.keys(OPTIONS));
});

test('all that a loader is given is documented', () => {
  const section = document.slice(document.indexOf('A loader is given'));
  const names = tableIn(section).flatMap(
    (row) => row['of the context']?.match(/\b[a-z]\w+(?=\(|$|,)/gi) ?? [],
  );
  expect(names.sort()).toEqual(Object.keys(CONTEXT).sort());
});
