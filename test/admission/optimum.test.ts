import fc from 'fast-check';
import { expect, test } from 'vitest';
import { POLICIES } from '../../bench/admission/contestants.ts';
import { Optimum } from '../../bench/admission/policies/optimum.ts';
import type { Policy } from '../../bench/admission/policies/policy.ts';
import { seededRandom } from '../servers/seeded-random.ts';

function hitsOf(policy: Policy, keys: readonly string[]): number {
  return keys.filter((key) => policy.access(key, 1)).length;
}

/** Of all that a cache could do: after each access it may drop any of what it holds, also what just came. */
function mostHits(keys: readonly string[], entries: number): number {
  let best = new Map<string, number>([['', 0]]);
  for (const key of keys) {
    const after = new Map<string, number>();
    const reach = (held: string, hits: number) => after.set(held, Math.max(hits, after.get(held) ?? 0));
    for (const [held, hits] of best) {
      if (held.includes(key)) reach(held, hits + 1);
      else {
        reach(held, hits);
        const all = [...held, key].sort();
        if (all.length <= entries) reach(all.join(''), hits);
        else for (const gone of held) reach(all.filter((each) => each !== gone).join(''), hits);
      }
    }
    best = after;
  }
  return Math.max(...best.values());
}

/** By looking at the next access of all that is held, each time. */
function hitsBySearch(keys: readonly string[], entries: number): number {
  const held = new Set<string>();
  let hits = 0;
  for (const [at, key] of keys.entries()) {
    if (held.has(key)) hits++;
    held.add(key);
    if (held.size <= entries) continue;
    const waits = [...held].map((each) => ({ each, next: keys.indexOf(each, at + 1) }));
    const latest = waits.find(({ next }) => next < 0) ?? waits.toSorted((a, b) => b.next - a.next)[0];
    held.delete(latest?.each ?? key);
  }
  return hits;
}

test('finds as much as the best of all choices', () => {
  const keys = fc.array(fc.constantFrom(...'abcdef'), { maxLength: 25 });
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 4 }), (asked, entries) => {
      expect(hitsOf(new Optimum({ entries, bytes: Infinity }, asked), asked)).toBe(mostHits(asked, entries));
    }),
  );
});

test.each(POLICIES)('is never beaten by $name', ({ make }) => {
  const keys = fc.array(fc.integer({ min: 0, max: 60 }).map(String), { minLength: 1, maxLength: 2_000 });
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 40 }), (asked, entries) => {
      const bounds = { entries, bytes: Infinity };
      const most = hitsOf(new Optimum(bounds, asked), asked);
      expect(hitsOf(make(bounds, asked), asked)).toBeLessThanOrEqual(most);
    }),
  );
});

test('finds no less when it clears the past out of its heap', () => {
  const random = seededRandom(1);
  const keys = Array.from({ length: 20_000 }, () => String(Math.floor(60 * random() ** 2)));
  expect(hitsOf(new Optimum({ entries: 20, bytes: Infinity }, keys), keys)).toBe(hitsBySearch(keys, 20));
});

test('refuses a key that it was not told of', () => {
  const optimum = new Optimum({ entries: 1, bytes: Infinity }, ['a']);
  expect(() => optimum.access('b', 1)).toThrow('expected a at 0, got b');
});
