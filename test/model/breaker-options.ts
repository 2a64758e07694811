/** Milliseconds that are no multiples of each other, so that hardly ever two things are due at the same time. */
export const BREAKER = {
  timeout: 71,
  failures: 5,
  resetTimeout: 30_011,
  heartbeat: 1_013,
  probe: { min: 53, max: 1_009 },
  /** Longer than a run lasts: that the window rolls is the business of opossum. */
  window: 10_000_000,
  minimum: 8,
} as const;
