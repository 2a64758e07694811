/** Label names and values of one series. Never keys, values or anything a client chooses. */
export type Labels = Readonly<Record<string, string>>;

/** A number that only grows. */
export class Counter {
  value = 0;
  add(by = 1): void {
    this.value += by;
  }
}

/** Counts of values by upper bound, cumulated when they are read. */
export class Histogram {
  readonly bounds: readonly number[];
  readonly counts: number[];
  sum = 0;
  count = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  /** Records a value, `times` over. */
  record(value: number, times = 1): void {
    const bounds = this.bounds;
    let at = 0;
    while (at < bounds.length && value > (bounds[at] ?? Infinity)) at++;
    this.counts[at] = (this.counts[at] ?? 0) + times;
    this.sum += value * times;
    this.count += times;
  }
}

/** Seconds, from a memory hit to a call that ran into its deadline. */
export const DURATION_BOUNDS: readonly number[] = [
  0.00001, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
];

export type Series =
  | { readonly labels: Labels; readonly kind: 'counter'; readonly counter: Counter }
  | { readonly labels: Labels; readonly kind: 'gauge'; readonly read: () => number }
  | { readonly labels: Labels; readonly kind: 'histogram'; readonly histogram: Histogram };

/** All series of one name. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly kind: Series['kind'];
  readonly unit: string;
  readonly series: Map<string, Series>;
}

/** Most series of one family; more are refused, so that labels cannot grow without bound. */
export const MAX_SERIES = 500;

/**
 * Where everything that is counted lives. It belongs to the system, so that a restarted actor goes on counting where its
 * predecessor stopped. Recording is a field increment; nothing is exported until somebody reads.
 */
export class Instruments {
  readonly families = new Map<string, Family>();

  counter(name: string, help: string, labels: Labels = {}): Counter {
    const series = this.#series(name, help, '1', labels, () => ({
      labels,
      kind: 'counter',
      counter: new Counter(),
    }));
    return series?.kind === 'counter' ? series.counter : new Counter();
  }

  histogram(name: string, help: string, labels: Labels = {}, bounds = DURATION_BOUNDS): Histogram {
    const make = (): Series => ({ labels, kind: 'histogram', histogram: new Histogram(bounds) });
    const series = this.#series(name, help, bounds === DURATION_BOUNDS ? 's' : '1', labels, make);
    return series?.kind === 'histogram' ? series.histogram : new Histogram(bounds);
  }

  gauge(name: string, help: string, read: () => number, labels: Labels = {}): void {
    this.#series(name, help, name.endsWith('_bytes') ? 'By' : '1', labels, () => ({
      labels,
      kind: 'gauge',
      read,
    }));
  }

  #series(name: string, help: string, unit: string, labels: Labels, make: () => Series): Series | undefined {
    const id = JSON.stringify(labels);
    let family = this.families.get(name);
    const known = family?.series.get(id);
    if (known !== undefined) return known;
    const series = make();
    if (family === undefined) {
      family = { name, help, kind: series.kind, unit, series: new Map() };
      this.families.set(name, family);
    }
    if (family.kind !== series.kind || family.series.size >= MAX_SERIES) return undefined;
    family.series.set(id, series);
    return series;
  }
}
