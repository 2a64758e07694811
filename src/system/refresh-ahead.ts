import type { Timing } from '../../actors/cache/messages.ts';
import type { LoadPlan } from './load-options.ts';

/**
 * Whether a fresh value is to be loaded anew. By XFetch (Vattani, Chierichetti and Lowenstein, "Optimal Probabilistic Cache
 * Stampede Prevention", VLDB 2015): now - took · beta · ln(random) is past its time. `random`: in (0, 1].
 */
export function isDue(timing: Timing, plan: LoadPlan, random: number): boolean {
  const { now, created, fresh, took } = timing;
  const { refreshAhead, beta } = plan;
  if (refreshAhead !== undefined && now - created >= refreshAhead * (fresh - created)) return true;
  return beta !== undefined && now - took * beta * Math.log(random) >= fresh;
}

/** How much of its time to live has to be gone for a hit to give it back: else each hit would be a write. */
const SPENT = 1 / 8;

/** Milliseconds that a hit gives a sliding value; undefined for no change. */
export function slidTo({ now, created, fresh }: Timing, ttl: number, max: number): number | undefined {
  const longest = Math.min(ttl, Math.floor(created + max - now));
  const left = fresh - now;
  return longest - left >= ttl * SPENT ? longest : undefined;
}
