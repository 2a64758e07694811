/** How many restarts are normal: `intensity` within `period` milliseconds. */
export interface RestartLimits {
  readonly intensity: number;
  readonly period: number;
}

/** Counts restarts in a sliding window. Past the budget, restarting is not the answer and the failure is escalated. */
export class RestartBudget {
  readonly #limits: RestartLimits;
  #spent: number[] = [];

  constructor(limits: RestartLimits) {
    this.#limits = limits;
  }

  /** Spends one restart at monotonic time `now`; false when the budget is exhausted. */
  spend(now: number): boolean {
    this.#spent = this.#spent.filter((at) => now - at < this.#limits.period);
    if (this.#spent.length >= this.#limits.intensity) return false;
    this.#spent.push(now);
    return true;
  }

  /** Restarts within the current period, which is also the attempt the backoff is at. */
  spent(now: number): number {
    return this.#spent.filter((at) => now - at < this.#limits.period).length;
  }
}
