import { LatencyHistogram } from '../replay/latency-histogram.ts';

/** A slice of time, as a column of the picture. */
export interface Slice {
  /** Milliseconds. */
  readonly length: number;
  readonly calls: number;
  readonly errors: number;
  /** Milliseconds. */
  readonly p99: number;
  readonly hits: number;
  readonly misses: number;
  /** Reads by the tier that answered. */
  readonly redis: number;
  readonly memory: number;
  readonly directFailures: number;
  /** Changes that waited for Redis at its end. */
  readonly journal: number;
}

/** The three acts: `before` the kill, while Redis is `out`, and `after` it serves again. */
export type Act = 'before' | 'out' | 'after';

class Ratio {
  hits = 0;
  all = 0;
  get value(): number {
    return this.all === 0 ? 0 : this.hits / this.all;
  }
}

/** Counts what callers see: in all, by act, and by slice of time. */
export class Meter {
  readonly slices: Slice[] = [];
  readonly latency = new LatencyHistogram();
  readonly hitRatios: Readonly<Record<Act, Ratio>> = {
    before: new Ratio(),
    out: new Ratio(),
    after: new Ratio(),
  };
  act: Act = 'before';
  calls = 0;
  errors = 0;
  directCalls = 0;
  directFailures = 0;
  readonly #slow = new LatencyHistogram();
  #slice = emptySlice();
  #cutAt = performance.now();

  /** Awaits one call that was meant to begin at `intended`; undefined when it is rejected. */
  async timed<T>(intended: number, call: Promise<T>): Promise<T | undefined> {
    this.calls++;
    this.#slice.calls++;
    try {
      return await call;
    } catch {
      this.errors++;
      this.#slice.errors++;
      return undefined;
    } finally {
      const taken = performance.now() - intended;
      this.latency.record(taken);
      this.#slow.record(taken);
    }
  }

  read(tier: string, found: boolean): void {
    const ratio = this.hitRatios[this.act];
    ratio.all++;
    if (found) ratio.hits++;
    this.#slice[found ? 'hits' : 'misses']++;
    this.#slice[tier === 'redis' ? 'redis' : 'memory']++;
  }

  direct(answered: boolean): void {
    this.directCalls++;
    if (answered) return;
    this.directFailures++;
    this.#slice.directFailures++;
  }

  /** Ends a slice that fills so many columns; none if that is 0. */
  cut(columns: number, journal: number): void {
    if (columns <= 0) return;
    const length = performance.now() - this.#cutAt;
    const slice = { ...this.#slice, length, journal, p99: this.#slow.percentile(0.99) };
    for (let at = 0; at < columns; at++) this.slices.push(slice);
    this.#slice = emptySlice();
    this.#slow.reset();
    this.#cutAt += length;
  }
}

function emptySlice() {
  return { calls: 0, errors: 0, hits: 0, misses: 0, redis: 0, memory: 0, directFailures: 0 };
}
