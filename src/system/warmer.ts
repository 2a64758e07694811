import { type WarmerOptions, warmerActor } from '../../actors/warmer/actor.ts';
import { WarmerState } from '../../actors/warmer/state.ts';
import type { Options } from '../config/schema.ts';
import type { ChildSpec } from '../runtime/child-spec.ts';

/** What the warmer keeps; undefined where none is asked for, or there is no Redis to remember the hottest keys. */
export function warmerStateOf({ warmup, redis }: Options): WarmerState | undefined {
  return warmup === undefined || redis === undefined ? undefined : new WarmerState();
}

/** Milliseconds for which the changes that Redis confirmed are remembered: one of them may be what a hot key was. */
export function rememberedFor({ redis, failover }: Options): number {
  // What is remembered no longer than a deletion is in Redis cannot bring back what another process deleted.
  return Math.min(failover.window, redis?.tombstoneTtl ?? failover.window);
}

/** The warmer of a system that has one. */
export function warmerOf(
  options: Options,
  parts: Omit<WarmerOptions, 'limit' | 'rate' | 'window'>,
): ChildSpec | undefined {
  const { warmup, memory, failover } = options;
  if (warmup === undefined) return undefined;
  const { rate, keys } = warmup;
  // More than memory holds would push out the hottest, which come first.
  const limit = Math.min(keys, memory.maxEntries);
  // The other half is for processes that noticed the outage later, and remember no further back.
  const window = failover.maxEntries === 0 ? 0 : rememberedFor(options) / 2;
  return warmerActor({ ...parts, rate, limit, window });
}
