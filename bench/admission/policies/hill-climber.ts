const FIRST_STEP = 0.0625;
const DECAY = 0.98;
/** A change of the hit ratio by so much means that the workload is another one. */
const RESTART = 0.05;

/**
 * Einziger, Eytan, Friedman and Manes, "Adaptive Software Cache Management", Middleware 2018: goes on in the direction that made the hit ratio
 * better, by ever smaller steps.
 */
export class HillClimber {
  readonly #period: number;
  #step = FIRST_STEP;
  #accesses = 0;
  #hits = 0;
  #before: number | undefined;

  /** @param period accesses between steps */
  constructor(period: number) {
    this.#period = period;
  }

  /** @returns by how much to change the share, 0 most of the time */
  record(hit: boolean): number {
    if (hit) this.#hits++;
    if (++this.#accesses < this.#period) return 0;
    const ratio = this.#hits / this.#accesses;
    const change = ratio - (this.#before ?? ratio);
    this.#before = ratio;
    this.#accesses = 0;
    this.#hits = 0;
    const step = change >= 0 ? this.#step : -this.#step;
    this.#step = Math.abs(change) >= RESTART ? FIRST_STEP * Math.sign(step) : DECAY * step;
    return step;
  }
}
