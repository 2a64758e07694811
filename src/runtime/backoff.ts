/** Bounds of a backoff, in milliseconds. */
export interface BackoffOptions {
  readonly min: number;
  readonly max: number;
}

/**
 * Exponential backoff with equal jitter: half of the step is certain and half is drawn, so that instances that failed
 * together do not come back together, and none comes back at once. (Brooker, "Exponential Backoff And Jitter", 2015.)
 * `attempt` counts from 0.
 */
export function backoff(
  attempt: number,
  { min, max }: BackoffOptions,
  random: () => number = Math.random,
): number {
  const step = Math.min(max, min * 2 ** Math.min(attempt, 30));
  return step / 2 + (step / 2) * random();
}
