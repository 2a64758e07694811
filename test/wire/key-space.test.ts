import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeySpace } from '../../src/wire/keys.ts';
import { key, prefix, text } from './arbitrary-keys.ts';

const RUNS = { numRuns: 2_000 };

test('a key comes back from its Redis key, whatever is in it', () => {
  fc.assert(
    fc.property(prefix, key, (before, given) => {
      const space = new KeySpace(before);
      expect(space.data(given).startsWith(before)).toBe(true);
      expect(space.user(space.data(given))).toBe(given);
    }),
    RUNS,
  );
});

test('two keys never share a Redis key, nor does a key with what is ours', () => {
  fc.assert(
    fc.property(prefix, fc.uniqueArray(key, { minLength: 2, maxLength: 6 }), (before, keys) => {
      const space = new KeySpace(before);
      const names = keys.flatMap((given) => [space.data(given), space.tombstone(given)]);
      names.push(space.probe());
      expect(new Set(names).size).toBe(names.length);
    }),
    RUNS,
  );
});

test('what is no key of the user is never taken for one', () => {
  fc.assert(
    fc.property(prefix, key, text, (before, given, foreign) => {
      const space = new KeySpace(before);
      expect(space.user(space.tombstone(given))).toBeUndefined();
      expect(space.user(space.probe())).toBeUndefined();
      // Written by somebody else below our prefix: either a key reaches it, or it is none.
      const found = space.user(before + foreign);
      if (found !== undefined) expect(space.data(found)).toBe(before + foreign);
    }),
    RUNS,
  );
});

test('the Redis key of a prefix begins the Redis keys of its keys and of no others', () => {
  fc.assert(
    fc.property(prefix, text, key, (before, start, given) => {
      const space = new KeySpace(before);
      const begins = space.data(given).startsWith(space.data(start));
      expect(begins).toBe(given.startsWith(start));
    }),
    RUNS,
  );
});

test.each(['a}b{c', '{}', '{}{a}:', 'a{b', 'a}b', '\ud83d'])(
  'the prefix %j, which could put companions into another slot, is refused',
  (given) => {
    expect(() => new KeySpace(given)).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG' }));
  },
);
