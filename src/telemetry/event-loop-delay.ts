import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds between two looks at the event loop; what they add to each delay is taken off again. */
const RESOLUTION = 20;

/** How late the event loop runs what is due. Nothing is measured before somebody asks. */
export class EventLoopDelay {
  readonly #window: number;
  #histogram: ReturnType<typeof monitorEventLoopDelay> | undefined;
  #windowBegan = 0;
  #last = 0;

  /** `window`: milliseconds that one reading covers at least, so that several readers see the same. */
  constructor(window: number) {
    this.#window = window;
  }

  /** The 99th percentile of the last whole window, in seconds; 0 before the first has passed. */
  p99(): number {
    const now = performance.now();
    if (this.#histogram === undefined) {
      this.#histogram = monitorEventLoopDelay({ resolution: RESOLUTION });
      this.#histogram.enable();
      this.#windowBegan = now;
    } else if (now - this.#windowBegan >= this.#window) {
      this.#last = Math.max(0, this.#histogram.percentile(99) / 1e9 - RESOLUTION / 1_000);
      this.#histogram.reset();
      this.#windowBegan = now;
    }
    return this.#last;
  }
}
