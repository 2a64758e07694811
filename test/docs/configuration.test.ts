import { expect, test } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.ts';
import { listOptions } from '../../src/config/option-list.ts';
import { readDoc, tableIn } from './markdown-table.ts';

const documented = tableIn(readDoc('configuration.md'));
const options = listOptions();

test('every option has a row, and every row an option, in one order', () => {
  expect(documented.map(({ Option }) => Option)).toEqual(options.map(({ path }) => path));
});

test.each(options)('$path: variable, expectation and default are those of the schema', (option) => {
  expect(documented.find(({ Option }) => Option === option.path)).toEqual({
    Option: option.path,
    Variable: option.variable,
    Expected: option.expected,
    Default: option.default === undefined ? '' : String(option.default),
    Meaning: expect.stringMatching(/^.{10,}\.$/),
  });
});

test('every exit code is documented, and those of signals', () => {
  const codes = tableIn(readDoc('configuration.md'), '## Exit codes').map((row) => row['Exit code']);
  expect(codes).toEqual([...Object.values(EXIT).map(String), '130, 143']);
});
