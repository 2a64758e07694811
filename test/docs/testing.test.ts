import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { FAULTS } from '../../src/testing/redis/faults.ts';
import { readDoc, tableIn } from './markdown-table.ts';

const doc = readDoc('testing.md');
const ENTRY = new URL('../../src/testing/index.ts', import.meta.url).href;

test('the example passes as it stands, on the test runner of Node.js', async () => {
  const example = /```ts\n(?<code>.*?)```/s.exec(doc)?.groups?.code ?? '';
  const folder = await mkdtemp(join(tmpdir(), 'testing-example-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'example.test.ts');
  await writeFile(file, example.replace("'understudy-cache/testing'", JSON.stringify(ENTRY)));
  // Of another test run around it, it would be a part.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', file], {
    env,
    timeout: 60_000,
  });
  expect(stdout).toContain('# pass 2');
  expect(stdout).toContain('# fail 0');
});

test('the table of faults has every code, and no other, in one order', () => {
  const rows = tableIn(doc, '## Faults').map(
    ({ fault }) => /^fail\('(?<code>\w+)'\)/.exec(fault ?? '')?.groups?.code,
  );
  expect(rows.filter((code) => code !== undefined)).toEqual(Object.keys(FAULTS));
});
