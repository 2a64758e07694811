import { expect, test } from 'vitest';
import { nearestName } from '../../src/config/nearest-name.ts';

const known = ['maxEntries', 'maxBytes', 'foreignTtl', 'key', 'type'];

test.each([
  ['maxEntires', 'maxEntries'],
  ['MAXENTRIES', 'maxEntries'],
  ['maxEntrie', 'maxEntries'],
  ['kye', 'key'],
  ['tpye', 'type'],
  ['maxByte', 'maxBytes'],
])('%s was meant to be %s', (given, meant) => {
  expect(nearestName(given, known)).toBe(meant);
});

test.each(['size', 'completelyDifferent', 'abcdefg', ''])('%j is near to none', (given) => {
  expect(nearestName(given, ['maxEntries', 'foreignTtl'])).toBeUndefined();
});
