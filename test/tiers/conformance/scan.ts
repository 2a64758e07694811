import { expect, test } from 'vitest';
import { allKeys } from '../tier-under-test.ts';
import type { Bench } from './bench.ts';

const PREFIXES = ['', 'user:', 'a*', 'a?', 'a[b]', 'a\\', 'a-', '^', '~', '%', '{x}', '漢', 'no such'];

export function scansByPrefix(bench: Bench): void {
  test('a scan finds the keys that begin with a prefix, literally, and no others', async () => {
    const { under, changes } = bench();
    const keys = [
      ...[
        'user:1',
        'user:2',
        'user',
        'users',
        'a*',
        'a*b',
        'ab',
        'a?',
        'a?c',
        'a[b]',
        'a[b]c',
        'a\\',
        'a\\d',
        'a-b',
      ],
      ...['^', '^a', '~', '~a', '%', '%25', '{x}', '{x}y', 'x', '漢', '漢字', '😀'],
    ];
    await under.tier.write(keys.map((key) => changes.set(key, 1)));
    for (const prefix of PREFIXES) {
      const found = new Set(await allKeys(under.tier, prefix));
      expect(found, prefix).toEqual(new Set(keys.filter((key) => key.startsWith(prefix))));
    }
  });

  test('a scan of many keys goes on page by page to the last', async () => {
    const { under, changes } = bench();
    const keys = Array.from({ length: 2_500 }, (_, at) => `key:${at}`);
    await under.tier.write(keys.map((key) => changes.set(key, 1)));
    const first = await under.tier.scan('key:', undefined, 100);
    expect(first.cursor).toBeDefined();
    expect(first.keys.length).toBeLessThan(1_000);
    expect(new Set(await allKeys(under.tier, 'key:'))).toEqual(new Set(keys));
  });

  test('a key that is there throughout is found, though others are read, made and deleted between the pages', async () => {
    const { under, changes } = bench();
    const keys = Array.from({ length: 300 }, (_, at) => `key:${at}`);
    await under.tier.write([...keys, 'doomed'].map((key) => changes.set(key, 1)));
    const found = new Set<string>();
    let cursor: string | undefined;
    let turn = 0;
    do {
      const page = await under.tier.scan('key:', cursor, 50);
      for (const key of page.keys) found.add(key);
      cursor = page.cursor;
      await under.tier.read(keys.slice(turn * 40, turn * 40 + 60));
      await under.tier.write([changes.set(`other ${turn}`, 1), changes.delete('doomed')]);
      turn++;
    } while (cursor !== undefined);
    expect(keys.filter((key) => !found.has(key))).toEqual([]);
  });

  test('a scan shows no deleted key and none of what the tier keeps for itself', async () => {
    const { under, changes } = bench();
    await under.tier.write([changes.set('a', 1), changes.set('b', 1), changes.delete('a')]);
    await under.tier.replay([changes.delete('c')]);
    expect(await allKeys(under.tier, '')).toEqual(['b']);
  });

  test('there is one empty page where there is nothing', async () => {
    const { under } = bench();
    expect(await allKeys(under.tier, '')).toEqual([]);
  });
}
