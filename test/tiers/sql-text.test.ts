import fc from 'fast-check';
import { expect, test } from 'vitest';
import { original, storable } from '../../src/tiers/postgres/sql-text.ts';

/** Units that matter, alone and next to each other. */
const units = fc.constantFrom(
  'a',
  'u',
  '0',
  '\\',
  '\0',
  '\ud800',
  '\udfff',
  '\ud83d',
  '\ude00',
  'd800',
  '漢',
);
const texts = fc.array(units, { maxLength: 12 }).map((each) => each.join(''));

test('every text becomes one that Postgres keeps, and comes back as it was', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const kept = storable(text);
      expect(kept.isWellFormed() && !kept.includes('\0')).toBe(true);
      expect(original(kept)).toBe(text);
    }),
  );
});

test('what begins a well-formed text still begins it', () => {
  fc.assert(
    fc.property(texts, texts, (prefix, rest) => {
      // A prefix that ends within a character begins no key.
      fc.pre(!(/[\ud800-\udbff]$/.test(prefix) && /^[\udc00-\udfff]/.test(rest)));
      expect(storable(prefix + rest).startsWith(storable(prefix))).toBe(true);
    }),
  );
});

test('a text without what must be escaped stays as it is', () => {
  expect(storable('user:größe:漢😀')).toBe('user:größe:漢😀');
  expect(storable('\ud800tag\0\\')).toBe('\\ud800tag\\0\\\\');
});
