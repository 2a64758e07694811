import fc from 'fast-check';
import { LRUCache } from 'lru-cache';
import { expect, test } from 'vitest';
import { DeferredLru } from '../../src/tiers/deferred-lru.ts';

class Entry {
  readonly size: number;
  apart = false;

  constructor(size: number) {
    this.size = size;
  }

  setApart(): void {
    this.apart = true;
  }
}

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const defer = fc.record({ type: fc.constant('defer' as const), key, size: fc.nat({ max: 3 }) });
const get = fc.record({ type: fc.constant('get' as const), key });
const forget = fc.record({ type: fc.constant('forget' as const), key });
const capacity = fc.integer({ min: 1, max: 4 });

type Step =
  | { readonly type: 'get'; readonly key: string }
  | { readonly type: 'forget'; readonly key: string }
  | { readonly type: 'defer'; readonly key: string; readonly size: number };

/** The same steps with and without deferral: what either holds afterwards, the most recently used first. */
function heldAfter(steps: readonly Step[], max: number): Record<'plain' | 'deferred', [string, number][]> {
  const options = { maxSize: 100, sizeCalculation: ({ size }: Entry) => size + 1 };
  const plain = new LRUCache<string, Entry>({ ...options, max });
  const deferred = new DeferredLru<Entry>(max, options);
  for (const step of steps) {
    if (step.type === 'get') {
      plain.get(step.key);
      deferred.entries.get(step.key);
    } else if (step.type === 'forget') {
      plain.delete(step.key);
      deferred.defer(step.key, undefined, 0);
    } else {
      plain.set(step.key, new Entry(step.size));
      deferred.defer(step.key, new Entry(step.size), step.size);
    }
  }
  const held = (cache: LRUCache<string, Entry>): [string, number][] =>
    [...cache.entries()].map(([at, { size }]) => [at, size]);
  return { plain: held(plain), deferred: held(deferred.entries) };
}

test('whoever looks finds what an LRU without any deferral holds, in its order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 6, arbitrary: defer }, get), { maxLength: 60 }),
      capacity,
      (steps, max) => {
        const { plain, deferred } = heldAfter(steps, max);
        expect(deferred).toEqual(plain);
      },
    ),
    { numRuns: 1_000 },
  );
});

test('with deletions it holds no less, as what is deleted while it waits pushes nothing out', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 3, arbitrary: defer }, forget), { maxLength: 60 }),
      capacity,
      (steps, max) => {
        const { plain, deferred } = heldAfter(steps, max);
        expect(deferred.length).toBeLessThanOrEqual(max);
        const last = new Map<string, Step>();
        for (const step of steps) last.set(step.key, step);
        for (const [at, size] of deferred) expect(last.get(at)).toMatchObject({ type: 'defer', size });
        expect(deferred.map(([at]) => at)).toEqual(expect.arrayContaining(plain.map(([at]) => at)));
      },
    ),
    { numRuns: 1_000 },
  );
});

test('what waits is bounded by number and by weight', () => {
  const entered: string[] = [];
  const cache = new DeferredLru<Entry>(2, { onInsert: (_, at) => entered.push(at) });
  for (let count = 0; count < 7; count++) cache.defer(`k${count}`, new Entry(0), 0);
  expect(entered).toEqual([]);
  cache.defer('k7', new Entry(0), 0);
  expect(entered).toEqual(['k6', 'k7']);
  expect(cache.passedOver).toBe(6);
  cache.defer('heavy', new Entry(0), 16_777_216);
  expect(entered).toEqual(['k6', 'k7', 'heavy']);
});

test('a cache that holds a great deal has nothing wait: little of what comes is pushed out unseen', () => {
  const cache = new DeferredLru<Entry>(10_000, {});
  cache.defer('a', new Entry(0), 0);
  expect(cache.glance('a')).toBeDefined();
});

test('no more waits than the cache itself may hold', () => {
  const entered: string[] = [];
  const options = { maxSize: 100, sizeCalculation: ({ size }: Entry) => size };
  const cache = new DeferredLru<Entry>(50, { ...options, onInsert: (_, at) => entered.push(at) });
  cache.defer('a', new Entry(60), 60);
  expect(entered).toEqual([]);
  cache.defer('b', new Entry(40), 40);
  expect(entered).toEqual(['a', 'b']);
});

test('what is entered is set apart from what it came in', () => {
  const cache = new DeferredLru<Entry>(2, {});
  for (const at of ['a', 'b', 'c']) cache.defer(at, new Entry(0), 0);
  expect([...cache.entries.values()].map(({ apart }) => apart)).toEqual([true, true]);
  cache.defer('d', new Entry(0), 0);
  expect(cache.entries.get('d')?.apart).toBe(true);
});
