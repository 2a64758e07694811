import { describe, expect, test } from 'vitest';
import { describesContent, entityTag, hasAlready } from '../../../src/adapters/fastify/entity-tag.ts';

test('the tag is the same for the same bytes, as text or not, and another for others', () => {
  expect(entityTag('ä')).toBe(entityTag(Buffer.from('ä')));
  expect(entityTag('ä')).not.toBe(entityTag('a'));
  expect(entityTag('')).toMatch(/^W\/"[\w-]{43}"$/);
});

describe('who has it already', () => {
  test.each<[string, string | undefined, boolean]>([
    ['"a"', '"a"', true],
    ['W/"a"', '"a"', true],
    ['"a"', 'W/"a"', true],
    ['"x" , W/"a"', 'W/"a"', true],
    ['"x, a", "a,b"', '"a,b"', true],
    [' * ', '"a"', true],
    ['*', undefined, false],
    ['"b"', '"a"', false],
    ['"A"', '"a"', false],
    ['a', '"a"', false],
    ['', '"a"', false],
  ])('If-None-Match: %s of %s', (wanted, tag, has) => {
    expect(hasAlready({ 'if-none-match': wanted }, tag)).toBe(has);
  });

  test('nobody who does not say so', () => {
    expect(hasAlready({}, '"a"')).toBe(false);
  });
});

test('what describes content that is not sent', () => {
  const names = [
    'content-type',
    'content-length',
    'content-encoding',
    'content-location',
    'etag',
    'cache-control',
  ];
  expect(names.filter(describesContent)).toEqual(['content-type', 'content-length', 'content-encoding']);
});
