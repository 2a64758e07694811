import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { DecodedValues } from '../../src/tiers/decoded-values.ts';
import { MemoryTier } from '../../src/tiers/memory.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { encodeStored } from '../../src/wire/stored.ts';

test('in a large memory those that were decoded last hold their values, and the others are decoded again', () => {
  const time = new HybridClock(new VirtualClock());
  const maxEntries = 70_000;
  const memory = new MemoryTier({ maxEntries, maxBytes: 1e9, isolation: 'shared', foreignTtl: 1_000 }, time);
  const now = time.now();
  for (let at = 0; at < maxEntries; at++)
    memory.keep(String(at), encodeStored(time.next(), now, now + 1_000, `{"n":${at}}`), now);
  const first = memory.find('0', now);
  expect(memory.find('0', now)).toBe(first);
  for (let at = 1; at <= 65_536; at++) memory.find(String(at), now);
  // The same value in another object: it was let go.
  expect(memory.find('0', now)).toEqual({ n: 0 });
  expect(memory.find('0', now)).not.toBe(first);
  const last = memory.find('65536', now);
  expect(memory.find('65536', now)).toBe(last);
});

test('a memory that is not large holds them all', () => {
  expect(DecodedValues.within(1_000)).toBeUndefined();
});
