import fc from 'fast-check';

const MAX_KEY_BYTES = 1_024;

/** What a key space, a glob or a hash tag could trip over, and one character of each length in UTF-8. */
const TRICKY = [
  ...'%{}~*?[]\\^-:7BDE25ab',
  '%7B',
  '%25',
  '~tombstone:',
  '~probe',
  '\0',
  '\n',
  'é',
  '漢',
  '😀',
];

const tricky = fc.array(fc.constantFrom(...TRICKY), { maxLength: 12 }).map((parts) => parts.join(''));

/** Any well-formed text, often of characters that mean something to Redis. */
export const text: fc.Arbitrary<string> = fc.oneof(tricky, fc.string({ unit: 'binary', maxLength: 40 }));

/** Any key that the cache takes. */
export const key: fc.Arbitrary<string> = text.filter(
  (candidate) => candidate !== '' && Buffer.byteLength(candidate) <= MAX_KEY_BYTES,
);

/** Any prefix that may be configured: with or without a hash tag. */
export const prefix: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    'understudy:',
    'a*b?[c]:',
    '~',
    '~tombstone:',
    '%7B:',
    '{app}:',
    'team:{app}:',
    '{a}{b}}',
  ),
  text.map((candidate) => candidate.replace(/[{}]/g, '')),
  fc.tuple(text, text).map(([before, tag]) => `${before.replace(/[{}]/g, '')}{t${tag.replace(/[{}]/g, '')}}`),
);
