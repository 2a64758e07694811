import type { RemoteTier, Tier } from '../../src/tiers/tier.ts';
import type { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { readValue, UNREADABLE } from '../../src/wire/stored.ts';

/** A tier, and the ways around it that its conformance suite needs. */
export interface TierUnderTest {
  readonly tier: Tier;
  readonly time: HybridClock;
  /** Milliseconds the key has left; undefined when it is not there or lives for ever. */
  timeLeft(key: string): Promise<number | undefined>;
  /** Puts a text there as somebody else would: without an envelope and without a TTL. */
  foreign(key: string, text: string): Promise<void>;
  /** Puts something there that is no text at all, where the tier can hold such. */
  readonly wrongType?: (key: string) => Promise<void>;
  /** Lets this much time pass. */
  elapse(milliseconds: number): Promise<void>;
  clear(): Promise<void>;
  stop(): Promise<void>;
}

/** A tier behind a connection, which was made, and what the suites of such tiers need. */
export interface RemoteUnderTest extends Omit<TierUnderTest, 'tier' | 'foreign' | 'wrongType'> {
  readonly tier: RemoteTier;
}

/** The values of keys; undefined where there is none. */
export async function valuesOf(tier: Tier, keys: readonly string[]): Promise<unknown[]> {
  const stored = await tier.read(keys);
  return stored.map((text) => {
    const value = text === null || text === undefined ? UNREADABLE : readValue(text);
    return value === UNREADABLE ? undefined : value;
  });
}

export async function allKeys(tier: Tier, prefix: string, count = 100): Promise<string[]> {
  const keys: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await tier.scan(prefix, cursor, count);
    keys.push(...page.keys);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return keys;
}
