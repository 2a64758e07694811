import { beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { MemoryTier } from '../../src/tiers/memory.ts';
import { Near } from '../../src/tiers/near.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { encodeStored, markOf, UNREADABLE } from '../../src/wire/stored.ts';

const OPTIONS = { maxEntries: 100, maxBytes: 1e9, foreignTtl: 60_000, isolation: 'copy' } as const;

let clock: VirtualClock;
let time: HybridClock;
let memory: MemoryTier;
let near: Near;

beforeEach(() => {
  clock = new VirtualClock();
  time = new HybridClock(clock);
  memory = new MemoryTier(OPTIONS, time);
  near = new Near(memory, undefined);
  near.arm();
});

function stored(value: number): string {
  return encodeStored(time.next(), time.now(), time.now() + 60_000, String(value));
}

/** Keeps what a read answered that began at this place. */
function answered(key: string, value: number, began: number): string {
  const text = stored(value);
  memory.refresh(key, text, time.now(), near.of(key, began));
  return text;
}

const trusted = (key: string): unknown => memory.trusted(key, time.now(), near.epoch);

describe('what memory may answer in place of Redis', () => {
  test('is what was read since changes are heard of', () => {
    answered('k', 1, near.order);
    expect(trusted('k')).toBe(1);
    expect(trusted('other')).toBe(UNREADABLE);
  });

  test('is nothing that was invalidated, and stays in memory', () => {
    answered('k', 1, near.order);
    answered('other', 2, near.order);
    near.invalidate('k', '');
    expect(trusted('k')).toBe(UNREADABLE);
    expect(memory.find('k', time.now())).toBe(1);
    expect(trusted('other')).toBe(2);
  });

  test('is no answer that was on its way when the invalidation came', () => {
    const began = near.order;
    near.invalidate('k', '');
    answered('k', 1, began);
    expect(trusted('k')).toBe(UNREADABLE);
    answered('k', 1, near.order);
    expect(trusted('k')).toBe(1);
  });

  test('is no answer that was on its way when so many came that single ones are not remembered', () => {
    const began = near.order;
    near.invalidate('k', '');
    for (let n = 0; n < 20_000; n++) near.invalidate(`${n}`, '');
    answered('k', 1, began);
    expect(trusted('k')).toBe(UNREADABLE);
  });

  test('is nothing of before a gap, nor an answer that was on its way during one', () => {
    answered('k', 1, near.order);
    const began = near.order;
    near.bump();
    expect(trusted('k')).toBe(UNREADABLE);
    answered('k', 1, began);
    expect(trusted('k')).toBe(UNREADABLE);
    answered('k', 1, near.order);
    expect(trusted('k')).toBe(1);
    expect(near.gaps).toBe(1);
  });

  test('is nothing that was read while changes were not heard of', () => {
    near.disarm();
    answered('k', 1, near.order);
    const began = near.order;
    near.arm();
    expect(trusted('k')).toBe(UNREADABLE);
    answered('k', 1, began);
    expect(trusted('k')).toBe(UNREADABLE);
  });

  test('is what it holds already of the version that is told', () => {
    const text = answered('k', 1, near.order);
    near.invalidate('k', markOf(text));
    expect(trusted('k')).toBe(1);
    near.invalidate('k', time.next());
    expect(trusted('k')).toBe(UNREADABLE);
  });

  test('is nothing that has expired, and of what somebody else wrote nothing that was read long ago', () => {
    for (const text of [stored(1), '1']) {
      memory.refresh('k', text, time.now(), near.of('k', near.order));
      clock.stall(59_000);
      expect(trusted('k')).toBe(1);
      clock.stall(1_000);
      expect(trusted('k')).toBe(UNREADABLE);
    }
  });
});

test('a gap ends the time until which it may, and so does the loss of what is heard', () => {
  near.heard(1_000, 500);
  expect(near.until).toBe(1_500);
  near.bump();
  expect(near.until).toBe(Number.NEGATIVE_INFINITY);
  near.heard(2_000, 500);
  near.disarm();
  near.heard(3_000, 500);
  expect(near.until).toBe(Number.NEGATIVE_INFINITY);
});
