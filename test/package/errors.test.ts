import { expect, test } from 'vitest';
import { ERROR_TABLE, type ErrorCode, isUnderstudyError, UnderstudyError } from '../../src/index.ts';

const CODES = Object.keys(ERROR_TABLE) as ErrorCode[];

test.each(CODES)('%s has a status, says whether to retry, and what to do', (code) => {
  const error = new UnderstudyError(code, 'what happened');
  expect(error).toMatchObject({ name: 'UnderstudyError', code, message: 'what happened' });
  expect(error.status).toBe(ERROR_TABLE[code].status);
  expect(error.status).toBeGreaterThanOrEqual(400);
  expect(error.status).toBeLessThan(600);
  expect(error.retryable).toBeTypeOf('boolean');
  expect(error.advice).toMatch(/^\S.{10,}\.$/s);
});

test('an error keeps its cause', () => {
  const cause = new Error('the reason');
  expect(new UnderstudyError('INTERNAL', 'what happened', { cause }).cause).toBe(cause);
});

test('errors of another copy of the package are known, and strangers are not', async () => {
  const copy = new URL('../../src/runtime/errors.ts?copy', import.meta.url).href;
  const other: typeof import('../../src/runtime/errors.ts') = await import(/* @vite-ignore */ copy);
  const error = new other.UnderstudyError('OVERLOADED', 'too much');
  expect(error instanceof UnderstudyError).toBe(false);
  expect(isUnderstudyError(error)).toBe(true);
  expect([isUnderstudyError(error, 'OVERLOADED'), isUnderstudyError(error, 'STOPPING')]).toEqual([
    true,
    false,
  ]);
  for (const stranger of [new Error('x'), { code: 'OVERLOADED' }, null, undefined, 'OVERLOADED', 7]) {
    expect(isUnderstudyError(stranger)).toBe(false);
  }
});

test('the mark of an error is not among what is printed or sent', () => {
  const error = new UnderstudyError('OVERLOADED', 'too much');
  expect(Object.keys(error).toSorted()).toEqual(['code', 'name', 'retryable', 'status']);
  expect(JSON.parse(JSON.stringify(error))).toEqual({
    name: 'UnderstudyError',
    code: 'OVERLOADED',
    status: 503,
    retryable: true,
  });
});
