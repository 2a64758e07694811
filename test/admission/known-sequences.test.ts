import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Lru } from '../../bench/admission/policies/lru.ts';
import { Optimum } from '../../bench/admission/policies/optimum.ts';
import type { Policy } from '../../bench/admission/policies/policy.ts';
import { S3Fifo } from '../../bench/admission/policies/s3-fifo.ts';
import { Sieve } from '../../bench/admission/policies/sieve.ts';
import { WTinyLfu } from '../../bench/admission/policies/w-tiny-lfu.ts';

const bounds = (entries: number) => ({ entries, bytes: Infinity });
const numbered = (count: number, kind = '') => Array.from({ length: count }, (_, at) => `${kind}${at}`);

function ask(policy: Policy, keys: Iterable<string>): number {
  return [...keys].filter((key) => policy.access(key, 1)).length;
}

function heldOf(policy: Policy, keys: Iterable<string>): string {
  return [...keys].filter((key) => policy.has(key)).join('');
}

test('the reference string of the textbooks: 12 faults by LRU', () => {
  const keys = [...'70120304230321201701'];
  expect(keys.length - ask(new Lru(bounds(3)), keys)).toBe(12);
});

test('the reference string of the textbooks: 8 faults at best', () => {
  // 9 where what came must be taken in, as a page must; a cache may let it go.
  const keys = [...'70120304230321201701'];
  expect(keys.length - ask(new Optimum(bounds(3), keys), keys)).toBe(8);
});

test('LRU holds what a list does that is kept in the order of use', () => {
  const accesses = fc.array(fc.constantFrom(...'abcdefgh'), { maxLength: 200 });
  const most = fc.integer({ min: 1, max: 6 });
  const bytes = fc.option(fc.integer({ min: 1, max: 20 }), { nil: Infinity });
  fc.assert(
    fc.property(accesses, most, bytes, (steps, entries, heaviest) => {
      const lru = new Lru({ entries, bytes: heaviest });
      const weightOf = (key: string): number => key.charCodeAt(0) - 96;
      let list: string[] = [];
      for (const key of steps) {
        expect(lru.access(key, weightOf(key))).toBe(list.includes(key));
        if (weightOf(key) > heaviest) continue;
        list = [...list.filter((each) => each !== key), key];
        const isOver = () =>
          list.length > entries || list.reduce((sum, each) => sum + weightOf(each), 0) > heaviest;
        while (isOver()) list.shift();
        expect(heldOf(lru, 'abcdefgh')).toBe(list.toSorted().join(''));
      }
    }),
  );
});

test('SIEVE: the hand spares what was hit where it stands, and goes on from where it was', () => {
  const sieve = new Sieve(bounds(3));
  ask(sieve, 'abcad');
  expect(heldOf(sieve, 'abcd')).toBe('acd');
  ask(sieve, 'e');
  expect(heldOf(sieve, 'abcde')).toBe('ade');
  // Where the queue begins anew a is the oldest, and spared no more.
  ask(sieve, 'dfg');
  expect(heldOf(sieve, 'abcdefg')).toBe('dfg');
});

test('SIEVE: where all were hit, the hand comes round and takes the first', () => {
  const sieve = new Sieve(bounds(3));
  ask(sieve, 'abcabcd');
  expect(heldOf(sieve, 'abcd')).toBe('bcd');
});

test('S3-FIFO: what was hit in the small queue goes on to main, what was not leaves before it', () => {
  const policy = new S3Fifo(bounds(10));
  ask(policy, [...numbered(10), '0', 'new']);
  expect(heldOf(policy, [...numbered(10), 'new'])).toBe('023456789new');
  ask(policy, numbered(1_000, 'scan:'));
  expect(heldOf(policy, numbered(10))).toBe('0');
});

test('S3-FIFO: what comes back while it is remembered goes to main at once', () => {
  const policy = new S3Fifo(bounds(10));
  ask(policy, [...numbered(10), 'new']);
  expect(policy.access('0', 1)).toBe(false);
  ask(policy, numbered(1_000, 'scan:'));
  expect(heldOf(policy, numbered(10))).toBe('0');
});

test('S3-FIFO: the ghost remembers as many as main holds', () => {
  // It is looked at after room was made for what comes back, when one more is in it.
  const returned = (later: number): boolean => {
    const policy = new S3Fifo(bounds(10));
    ask(policy, [...numbered(10), ...numbered(later, 'later:'), '0', ...numbered(100, 'scan:')]);
    return policy.has('0');
  };
  expect([returned(8), returned(9)]).toEqual([true, false]);
});

test('S3-FIFO of two hits takes what was hit once for what was not', () => {
  const policy = new S3Fifo(bounds(10), { promoteAfter: 2 });
  ask(policy, [...numbered(10), '0', '1', '1', 'new']);
  expect(heldOf(policy, numbered(3))).toBe('12');
  ask(policy, numbered(1_000, 'scan:'));
  expect(heldOf(policy, numbered(10))).toBe('1');
});

test('S3-FIFO with a small queue of half forgets sooner what left it', () => {
  const returned = (later: number): boolean => {
    const policy = new S3Fifo(bounds(10), { small: 0.5 });
    ask(policy, [...numbered(10), ...numbered(later, 'later:'), '0', ...numbered(100, 'scan:')]);
    return policy.has('0');
  };
  expect([returned(4), returned(5)]).toEqual([true, false]);
});

test('S3-FIFO: main gives what was hit as many rounds as it had hits, three at the most', () => {
  const survived = (hits: number): number => {
    const policy = new S3Fifo(bounds(2));
    // Of two entries one is small and one main: each key that comes back from the ghost goes round main once.
    ask(policy, ['kept', 'kept', 'x', 'y', ...Array.from({ length: hits }, () => 'kept')]);
    for (let round = 0; ; round++) {
      if (!policy.has('kept')) return round;
      ask(policy, [`${round}`, `${round}`, `next:${round}`]);
    }
  };
  expect([0, 1, 2, 3, 4, 5].map(survived)).toEqual([1, 2, 3, 4, 4, 4]);
});

test('W-TinyLFU: what is asked for once does not push out what was asked for more often', () => {
  const policy = new WTinyLfu(bounds(10));
  ask(policy, [...numbered(10), ...numbered(10), ...numbered(30, 'scan:')]);
  expect(heldOf(policy, numbered(10))).toBe('012345678');
});

test('W-TinyLFU: what is asked for more often than the victim gets in, and the victim goes', () => {
  const policy = new WTinyLfu(bounds(10));
  ask(policy, [...numbered(10), 'often', 'often', 'often', 'next']);
  expect(policy.has('often')).toBe(true);
  expect(heldOf(policy, numbered(10))).toBe('12345678');
});

test('W-TinyLFU: the past fades, and new favourites get in', () => {
  const policy = new WTinyLfu(bounds(10));
  const old = numbered(9, 'old:');
  const favourites = numbered(9, 'new:');
  for (let round = 0; round < 20; round++) ask(policy, old);
  for (let round = 0; round < 40; round++) ask(policy, favourites);
  expect(favourites.filter((key) => policy.has(key)).length).toBeGreaterThanOrEqual(8);
});
