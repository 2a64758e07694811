import { expect, test } from 'vitest';
import { detoured } from '../../src/tiers/redis/detour.ts';
import { DONE, type Outcome, SUPERSEDED, type Write } from '../../src/tiers/tier.ts';

const increment = (key: string, version: string): Write => ({
  op: 'increment',
  key,
  version,
  ttl: 1_000,
  fresh: 2_000,
  by: 1,
  receipt: 'slip',
});
const set = (key: string): Write => ({ op: 'set', key, version: 'v', ttl: 1_000, stored: key });

test('increments of a redirected batch share one script, and so their slip, with all that concerns their keys', async () => {
  const scripts: string[][] = [];
  const writes = [set('a'), increment('n', '1'), set('n'), increment('m', '2'), set('b')];
  const outcomes = await detoured(writes, {
    together: async (part) => {
      scripts.push(part.map(({ op, key }) => `${op} ${key}`));
      return part.map((_, at): Outcome => ({ status: 'done', value: at }));
    },
    compared: async ({ key }) => [key === 'a' ? SUPERSEDED : DONE],
  });
  expect(scripts).toEqual([['increment n', 'set n', 'increment m']]);
  expect(outcomes).toEqual([
    DONE,
    { status: 'done', value: 0 },
    { status: 'done', value: 1 },
    { status: 'done', value: 2 },
    DONE,
  ]);
});

test('what cannot be made at all fails by itself', async () => {
  const outcomes = await detoured([set('a'), increment('n', '1'), set('b')], {
    together: () => Promise.reject(new Error('TRYAGAIN')),
    compared: async () => [DONE],
  });
  expect(outcomes.map(({ status }) => status)).toEqual(['done', 'failed', 'done']);
});
