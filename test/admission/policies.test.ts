import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONTESTANTS, POLICIES } from '../../bench/admission/contestants.ts';
import type { Bounds, Policy } from '../../bench/admission/policies/policy.ts';

const KEYS = [...'abcdefghijklmnop'];
/** Long enough for what adapts to do so a few times. */
const accesses = fc.array(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 400 });
const entries = fc.integer({ min: 1, max: 12 });
const byEntries = (most: number): Bounds => ({ entries: most, bytes: Infinity });
const weights = fc.array(fc.integer({ min: 1, max: 9 }), {
  minLength: KEYS.length,
  maxLength: KEYS.length,
});

function heldBy(policy: Policy): string[] {
  return KEYS.filter((key) => policy.has(key));
}

function hitsOf(policy: Policy, keys: readonly string[]): number {
  return keys.filter((key) => policy.access(key, 1)).length;
}

describe.each(CONTESTANTS)('$name', ({ make }) => {
  test('never holds more entries than it may, and hits just what it held', () => {
    fc.assert(
      fc.property(accesses, entries, (keys, most) => {
        const policy = make(byEntries(most), keys);
        for (const key of keys) {
          const held = policy.has(key);
          expect(policy.access(key, 1)).toBe(held);
          expect(heldBy(policy)).toHaveLength(policy.size);
          expect(policy.size).toBeLessThanOrEqual(most);
        }
      }),
    );
  });

  test('never holds more bytes than it may, and what is heavier than all of it stays out', () => {
    fc.assert(
      fc.property(accesses, entries, fc.integer({ min: 1, max: 30 }), weights, (keys, most, bytes, given) => {
        const weightOf = (key: string): number => given[KEYS.indexOf(key)] ?? 0;
        const policy = make({ entries: most, bytes }, keys);
        for (const key of keys) {
          const held = policy.has(key);
          expect(policy.access(key, weightOf(key))).toBe(held);
          const weight = heldBy(policy).reduce((sum, each) => sum + weightOf(each), 0);
          expect(policy.bytes).toBe(weight);
          expect(weight).toBeLessThanOrEqual(bytes);
          expect(heldBy(policy)).toHaveLength(policy.size);
          expect(policy.size).toBeLessThanOrEqual(most);
        }
      }),
    );
  });

  test('asks for each key once where all fit', () => {
    fc.assert(
      fc.property(accesses, (keys) => {
        const hits = hitsOf(make(byEntries(KEYS.length), keys), keys);
        expect(hits).toBe(keys.length - new Set(keys).size);
      }),
    );
  });
});

describe.each(POLICIES)('$name', ({ make }) => {
  test('holds what was just asked for', () => {
    fc.assert(
      fc.property(accesses, entries, (keys, most) => {
        const policy = make(byEntries(most), keys);
        for (const key of keys) {
          policy.access(key, 1);
          expect(policy.has(key)).toBe(true);
        }
      }),
    );
  });

  test('holds what was just hit, whatever it weighs', () => {
    fc.assert(
      fc.property(accesses, entries, fc.integer({ min: 1, max: 30 }), weights, (keys, most, bytes, given) => {
        const policy = make({ entries: most, bytes }, keys);
        const hits = keys.filter(
          (key) => policy.access(key, given[KEYS.indexOf(key)] ?? 0) && !policy.has(key),
        );
        expect(hits).toEqual([]);
      }),
    );
  });
});
