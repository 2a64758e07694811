import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ERROR_TABLE } from '../../src/runtime/errors.ts';
import { readDoc, tableIn } from './markdown-table.ts';

const root = join(import.meta.dirname, '../..');
const documented = tableIn(readDoc('errors.md'));
const rows = Object.entries(ERROR_TABLE);

test('every code has a row, and every row a code, in one order', () => {
  expect(documented.map(({ Code }) => Code)).toEqual(rows.map(([code]) => code));
});

test.each(rows)('%s is documented as it is', (code, { status, retryable, advice }) => {
  expect(documented.find(({ Code }) => Code === code)).toEqual({
    Code: code,
    Status: String(status),
    Retryable: retryable ? 'yes' : 'no',
    Meaning: expect.stringMatching(/^.{10,}\.$/),
    'What to do': advice.replaceAll('`', ''),
  });
});

test('every code is raised somewhere', () => {
  const sources = globSync('{src,actors}/**/*.ts', { cwd: root })
    .filter((file) => !file.endsWith('runtime/errors.ts'))
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n');
  const unused = rows.map(([code]) => code).filter((code) => !sources.includes(`'${code}'`));
  expect(unused).toEqual([]);
});
