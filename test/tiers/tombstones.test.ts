import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Tombstones } from '../../src/tiers/tombstones.ts';

test('the latest deletions are known, however often a key is deleted, and no others', () => {
  const keys = fc.array(fc.integer({ min: 0, max: 9 }).map(String), { maxLength: 200 });
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 8 }), (deleted, most) => {
      const tombstones = new Tombstones(most);
      for (const [at, key] of deleted.entries()) tombstones.add(key, `v${at}`);
      const latest = new Map<string, string>();
      for (const [at, key] of [...deleted.entries()].reverse())
        if (!latest.has(key) && latest.size < most) latest.set(key, `v${at}`);
      for (let key = 0; key < 10; key++)
        expect(tombstones.of(String(key))).toBe(latest.get(String(key)) ?? '');
    }),
  );
});

test('versions are changed in their places', () => {
  const tombstones = new Tombstones(2);
  tombstones.add('a', '1');
  tombstones.add('b', '2');
  tombstones.change((version) => `${version}0`);
  expect([tombstones.of('a'), tombstones.of('b')]).toEqual(['10', '20']);
  tombstones.add('c', '3');
  expect([tombstones.of('a'), tombstones.of('b'), tombstones.of('c')]).toEqual(['', '20', '3']);
});
