import { expect, test } from 'vitest';
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
