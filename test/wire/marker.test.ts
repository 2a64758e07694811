import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { KeySpace } from '../../src/wire/keys.ts';
import {
  above,
  encodeMarks,
  isMarker,
  joinedMarks,
  markerName,
  markerOf,
  marksIn,
  NEVER,
  namespaceMarker,
  tagMarker,
} from '../../src/wire/marker.ts';
import {
  encodeExtras,
  encodeStored,
  extrasOf,
  graceOf,
  hasTags,
  readValue,
  tagsIn,
  tagsTextOf,
} from '../../src/wire/stored.ts';
import { key, prefix, text } from './arbitrary-keys.ts';

const tag = text.filter((each) => each !== '');
const version = fc
  .tuple(fc.integer({ min: 1_000_000_000_000, max: 9_999_999_999_999 }), fc.nat(0xffff), fc.nat(0xffffffff))
  .map(([time, counter, instance]) =>
    [
      time.toString(16).padStart(12, '0'),
      counter.toString(16).padStart(4, '0'),
      instance.toString(16).padStart(8, '0'),
    ].join('-'),
  );
const marks = fc.record({
  since: version,
  invalidated: version,
  expired: fc.oneof(version, fc.constant(NEVER)),
});

test('a marker has a Redis key of its own, from which it comes back', () => {
  fc.assert(
    fc.property(prefix, tag, key, (before, name, user) => {
      const space = new KeySpace(before);
      for (const marker of [tagMarker(name), namespaceMarker(name)]) {
        expect(isMarker(marker)).toBe(true);
        expect(space.marker(space.data(marker))).toBe(marker);
        expect(space.user(space.data(marker))).toBeUndefined();
        expect(markerOf(markerName(marker))).toBe(marker);
        expect(markerName(marker).isWellFormed()).toBe(true);
      }
      expect(isMarker(user)).toBe(false);
      expect(space.data(tagMarker(name))).not.toBe(space.data(namespaceMarker(name)));
      expect(space.marker(space.data(user))).toBeUndefined();
    }),
  );
});

test('what a marker says comes back from its text, and from no other text', () => {
  fc.assert(
    fc.property(marks, text, (said, other) => {
      expect(marksIn(encodeMarks(said))).toEqual(said);
      expect(marksIn(encodeMarks(said).slice(0, -1))).toBeUndefined();
      expect(marksIn(other)).toBeUndefined();
    }),
  );
});

test('what two say together is the same in any order, and said twice says no more', () => {
  fc.assert(
    fc.property(marks, marks, marks, (one, two, three) => {
      expect(joinedMarks(one, two)).toEqual(joinedMarks(two, one));
      expect(joinedMarks(joinedMarks(one, two), three)).toEqual(joinedMarks(one, joinedMarks(two, three)));
      expect(joinedMarks(one, one)).toEqual(one);
    }),
  );
});

test('what is above a floor is later than it, and otherwise as it was', () => {
  fc.assert(
    fc.property(version, version, (floor, given) => {
      const lifted = above(floor, given);
      if (given >= floor) expect(lifted).toBe(given);
      else if (!floor.includes('-ffff-')) expect(lifted > floor).toBe(true);
      expect(lifted).toHaveLength(given.length);
      expect(lifted.endsWith(given.slice(18))).toBe(true);
    }),
  );
});

test('tags come back from a stored text, whatever else it says', () => {
  const time = new HybridClock(new VirtualClock());
  fc.assert(
    fc.property(
      fc.uniqueArray(tag, { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      fc.jsonValue(),
      (tags, grace, value) => {
        const extras = encodeExtras({
          tags,
          took: 3,
          etag: '"tags":["x"]',
          ...(grace ? { grace: 5_000 } : {}),
        });
        const stored = encodeStored(
          time.next(),
          1_784_116_800_000,
          1_784_120_400_000,
          JSON.stringify(value),
          extras,
        );
        expect(tagsIn(tagsTextOf(stored)).sort()).toEqual([...tags].sort());
        expect(hasTags(stored, tagsTextOf(stored))).toBe(true);
        expect(hasTags(stored, '')).toBe(false);
        expect(readValue(stored)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(graceOf(stored)).toBe(grace ? 5_000 : 0);
        expect(extrasOf(stored)).toMatchObject({ took: 3, etag: '"tags":["x"]' });
        const same = encodeExtras({
          tags: [...tags].reverse().concat(tags),
          took: 3,
          etag: '"tags":["x"]',
          ...(grace ? { grace: 5_000 } : {}),
        });
        expect(same).toBe(extras);
      },
    ),
  );
});

test('a text without tags has none', () => {
  fc.assert(
    fc.property(text, fc.jsonValue(), (foreign, value) => {
      expect(tagsTextOf(foreign)).toBe('');
      expect(tagsTextOf(JSON.stringify(value))).toBe('');
    }),
  );
});
