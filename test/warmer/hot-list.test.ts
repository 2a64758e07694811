import { expect, test } from 'vitest';
import { askedSince, type HotList, mergedHotList, parseHotList } from '../../actors/warmer/hot-list.ts';

const list = (...keys: [string, number][]): HotList => ({ born: 'one', at: 1_000_000, keys });

test('what two processes asked for is added up, and what was asked for long ago fades', () => {
  const once = mergedHotList(list(), new Map([['a', 8]]), 1_000_000, 10);
  const twice = mergedHotList(once, new Map([['b', 5]]), 1_600_000, 10);
  expect(twice).toEqual({
    born: 'one',
    at: 1_600_000,
    keys: [
      ['b', 5],
      ['a', 4],
    ],
  });
  // However often it is written meanwhile.
  let often = once;
  for (let at = 1_060_000; at <= 1_600_000; at += 60_000) often = mergedHotList(often, new Map(), at, 10);
  expect(often.keys[0]?.[1]).toBeCloseTo(4, 1);
});

test('it is bounded by number and by length, and keeps the hottest', () => {
  const asked = new Map(Array.from({ length: 50 }, (_, at) => [`key ${at}`, at + 1] as const));
  expect(mergedHotList(list(), asked, 1_000_000, 3).keys.map(([key]) => key)).toEqual([
    'key 49',
    'key 48',
    'key 47',
  ]);
  const long = new Map(
    Array.from({ length: 1_000 }, (_, at) => [String(at).padEnd(1_024, '.'), 1_000 - at] as const),
  );
  const kept = mergedHotList(list(), long, 1_000_000, 10_000).keys;
  expect(kept).toHaveLength(256);
  expect(kept[0]?.[0]).toMatch(/^0\./);
});

test('a count is told once, and one that began anew is told from its beginning', () => {
  const counted = new Map<string, number>();
  const hot = (key: string, count: number, error = 0) => ({ key, count, error });
  expect([...askedSince(counted, [hot('a', 7), hot('b', 3, 1)])]).toEqual([
    ['a', 7],
    ['b', 2],
  ]);
  expect([...askedSince(counted, [hot('a', 9), hot('b', 3, 1)])]).toEqual([['a', 2]]);
  // Another took its counter, and it took that of yet another.
  expect([...askedSince(counted, [hot('a', 12, 11)])]).toEqual([['a', 1]]);
});

test.each([
  null,
  '',
  '[]',
  '{"born":1}',
  '{"born":"x","at":1,"keys":[["a"]]}',
  '{"born":"x","at":1,"keys":[["",1]]}',
])('what is no list is none: %s', (text) => {
  expect(parseHotList(text)).toBeUndefined();
});
