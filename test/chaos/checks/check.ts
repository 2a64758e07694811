import type { Observed } from '../run.ts';
import { boundsAreKept } from './bounds-are-kept.ts';
import { countersAddUp } from './counters-add-up.ts';
import { nearAnswersAreFresh } from './near-answers-are-fresh.ts';
import { nothingAcceptedIsLost } from './nothing-accepted-is-lost.ts';
import { nothingFails } from './nothing-fails.ts';
import { nothingOlderReturns } from './nothing-older-returns.ts';
import { readsAreMonotonic } from './reads-are-monotonic.ts';
import { redisAnswersAreRecent } from './redis-answers-are-recent.ts';
import { theBreakerRecovers } from './the-breaker-recovers.ts';
import { valuesWereWritten } from './values-were-written.ts';
import type { Check, Violation } from './violation.ts';

const CHECKS: readonly Check[] = [
  valuesWereWritten,
  nothingOlderReturns,
  readsAreMonotonic,
  nothingAcceptedIsLost,
  redisAnswersAreRecent,
  nearAnswersAreFresh,
  countersAddUp,
  theBreakerRecovers,
  boundsAreKept,
  nothingFails,
];

/** Every promise that was broken. */
export function check(observed: Observed): Violation[] {
  return CHECKS.flatMap((each) => each(observed));
}
