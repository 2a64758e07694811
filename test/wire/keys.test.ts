import { expect, test } from 'vitest';
import { isUnderstudyError } from '../../src/runtime/errors.ts';
import { checkKey } from '../../src/wire/keys.ts';

/** Characters of 1 to 4 bytes in UTF-8. */
const CHARACTERS = [
  ['a', 1],
  ['é', 2],
  ['漢', 3],
  ['😀', 4],
] as const;

function refusal(given: unknown): string {
  try {
    checkKey(given);
  } catch (error) {
    if (isUnderstudyError(error, 'INVALID_KEY')) return error.message;
    throw error;
  }
  return '';
}

test.each(CHARACTERS)('a key of %s may have 1024 bytes of UTF-8 and not one more', (character, bytes) => {
  const longest = character.repeat(Math.floor(1024 / bytes)) + 'a'.repeat(1024 % bytes);
  expect(Buffer.byteLength(longest)).toBe(1024);
  expect(refusal(longest)).toBe('');
  expect(refusal(`${longest}a`)).toContain('a string of 1025 bytes');
});

test.each([
  ['an empty string', '', 'an empty string'],
  ['a lone high surrogate', 'a\ud83d', 'a string with a lone surrogate'],
  ['a lone low surrogate', '\ude00a', 'a string with a lone surrogate'],
  ['a pair the wrong way round', '\ude00\ud83d', 'a string with a lone surrogate'],
  ['a number', 42, 'a value of type number'],
  ['null', null, 'null'],
  ['undefined', undefined, 'a value of type undefined'],
  ['a String object', Object('key'), 'a value of type object'],
  ['an array', ['key'], 'a value of type object'],
  ['a symbol', Symbol('key'), 'a value of type symbol'],
])('%s is refused, saying what was given', (_name, given, said) => {
  expect(refusal(given)).toContain(`got ${said}`);
});

test('a refusal never repeats the key', () => {
  expect(refusal(`secret${'x'.repeat(2_000)}`)).not.toContain('secret');
});

test.each(['a', ' ', '\0', '\n', '~', '%', '{', '*', '😀'])('%j is a key', (given) => {
  expect(refusal(given)).toBe('');
});
