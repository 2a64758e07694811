import type { Result } from './report/result.ts';
import { runSeeds } from './seeds.ts';
import type { Guarantee, RunSettings } from './settings.ts';

/** The checks that must miss a guarantee: that something else fails proves nothing. */
const NOTICED_BY: Readonly<Record<Guarantee, readonly string[]>> = {
  versions: ['nothing-older-returns', 'redis-answers-are-recent', 'reads-are-monotonic'],
  tombstones: ['nothing-older-returns', 'redis-answers-are-recent', 'reads-are-monotonic'],
  epochs: ['near-answers-are-fresh', 'nothing-older-returns', 'reads-are-monotonic'],
  leaseVoiding: ['nothing-older-returns', 'redis-answers-are-recent', 'reads-are-monotonic'],
};

export interface Proof {
  readonly guarantee: Guarantee;
  /** The first seed that noticed the loss. */
  readonly seed: number | undefined;
  readonly runs: number;
}

/** Takes a guarantee away, and runs seeds until that is noticed. */
export async function prove(
  guarantee: Guarantee,
  seeds: readonly number[],
  parallel: number,
  settings: Omit<RunSettings, 'seed'>,
): Promise<Proof> {
  let runs = 0;
  let noticed: Result | undefined;
  // Epochs are a matter of near caches.
  const weakened = { ...settings, near: settings.near || guarantee === 'epochs', without: [guarantee] };
  await runSeeds(seeds, parallel, weakened, (result) => {
    runs++;
    if (result.violations.some(({ check }) => NOTICED_BY[guarantee].includes(check))) noticed ??= result;
    return noticed === undefined;
  });
  return { guarantee, seed: noticed?.seed, runs };
}
