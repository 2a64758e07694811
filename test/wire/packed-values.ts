import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { Opening } from '../../src/wire/opening.ts';
import { Packing, type PackingOptions } from '../../src/wire/packing.ts';
import type { SealKey, SealMode } from '../../src/wire/packing-options.ts';
import { Seal } from '../../src/wire/seal.ts';
import { encodeStored } from '../../src/wire/stored.ts';
import { Values } from '../../src/wire/values.ts';

const clock = new HybridClock(new VirtualClock());

export const KEY_1: SealKey = { id: 'k1', secret: 'one'.repeat(11) };
export const KEY_2: SealKey = { id: 'k2', secret: 'two'.repeat(11) };

export function sealed(mode: SealMode | undefined, keys: readonly SealKey[] = [KEY_1], place = 'app:'): Seal {
  return new Seal(mode, keys, place);
}

export function valuesWith(options: PackingOptions): Values {
  return new Values({ packing: new Packing(options) });
}

/** What is stored at a key. */
export async function store(values: Values, key: string, value: unknown, said = ''): Promise<string> {
  const packed = await values.pack(key, value, said);
  return encodeStored(clock.next(), clock.now(), clock.now() + 60_000, packed.text, packed.said);
}

/** What is read of it, when it is open. */
export function read(values: Values, key: string, stored: string): Promise<unknown> {
  const value = values.read(key, stored);
  return new Promise((resolve) => {
    if (value instanceof Opening) value.whenOpen(resolve);
    else resolve(value);
  });
}
