import type { FamilyReading, Labels, SeriesReading } from './readings.ts';

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
const DURATION_BOUNDS: readonly number[] = [
  0.00001, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
];

/** Operations in one round trip, up to the largest batch that can be configured. */
export const SIZE_BOUNDS: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 4_096];

type Source = Counter | Histogram | (() => number);

interface Series {
  readonly labels: Labels;
  source: Source;
}

interface Family extends Omit<FamilyReading, 'series'> {
  readonly series: Map<string, Series>;
}

interface Limits {
  /** Most series of one family. */
  readonly series: number;
  /** Most families. */
  readonly families: number;
}

const LIMITS: Limits = { series: 500, families: 128 };

/** Stands for the labels that found no room, under the name that OpenTelemetry gives it. */
const OVERFLOW: Labels = { otel_metric_overflow: 'true' };

const OVERFLOWS = 'understudy_metric_overflow_total';
const OVERFLOWS_HELP = 'Recordings whose labels, or whose name, found no room.';

/**
 * Where everything that is counted lives. It belongs to the system, so that a restarted actor goes on counting where its
 * predecessor stopped. Recording is a field increment; nothing is exported until somebody reads. Labels cannot grow
 * without bound: past 500 series of a family what is counted goes to one common series, so that totals stay right.
 */
export class Instruments {
  readonly #families = new Map<string, Family>();

  readonly #limits: Limits;

  constructor(limits: Limits = LIMITS) {
    this.#limits = limits;
    // First, so that there is always room for it.
    this.#family(OVERFLOWS, OVERFLOWS_HELP, 'counter', '1');
  }

  /** Whether no further family is taken in. */
  get full(): boolean {
    return this.#families.size >= this.#limits.families;
  }

  /** What a name stands for already. */
  kindOf(name: string): FamilyReading['kind'] | undefined {
    return this.#families.get(name)?.kind;
  }

  /** The counter of these labels; the same one whenever it is asked for. */
  counter(name: string, help: string, labels: Labels = {}): Counter {
    const family = this.#family(name, help, 'counter', '1');
    const series = this.#place(family, labels, () => new Counter());
    return series.source instanceof Counter ? series.source : new Counter();
  }

  /** A counter that is kept elsewhere. A later callback for the same labels replaces the earlier. */
  counterOf(name: string, help: string, read: () => number, labels: Labels = {}): void {
    this.#observe(this.#family(name, help, 'counter', '1'), labels, read);
  }

  /** A number that comes and goes. A later callback for the same labels replaces the earlier. */
  gauge(name: string, help: string, read: () => number, labels: Labels = {}): void {
    this.#observe(this.#family(name, help, 'gauge', unitOf(name)), labels, read);
  }

  histogram(name: string, help: string, labels: Labels = {}, bounds = DURATION_BOUNDS): Histogram {
    const family = this.#family(name, help, 'histogram', bounds === DURATION_BOUNDS ? 's' : '1');
    const series = this.#place(family, labels, () => new Histogram(bounds));
    return series.source instanceof Histogram ? series.source : new Histogram(bounds);
  }

  /** Counts what found no room: `metric` names the family, never the labels. */
  overflowed(metric: string): void {
    this.counter(OVERFLOWS, OVERFLOWS_HELP, { metric }).add();
  }

  /** Everything as it stands now. */
  read(): FamilyReading[] {
    return Array.from(this.#families.values(), ({ series, ...family }) => ({
      ...family,
      series: Array.from(series.values(), readSeries),
    }));
  }

  /** A family that finds no room, or whose name stands for something else, is counted into the void. */
  #family(name: string, help: string, kind: Family['kind'], unit: string): Family {
    const known = this.#families.get(name);
    if (known?.kind === kind) return known;
    const family: Family = { name, help, kind, unit, series: new Map() };
    if (known === undefined && !this.full) this.#families.set(name, family);
    else this.overflowed('other');
    return family;
  }

  #observe(family: Family, labels: Labels, read: () => number): void {
    const series = this.#place(family, labels, () => read);
    if (typeof series.source === 'function') series.source = read;
  }

  #place(family: Family, labels: Labels, make: () => Source): Series {
    const id = idOf(labels);
    const known = family.series.get(id);
    if (known !== undefined) return known;
    if (family.series.size < this.#limits.series) return placed(family, id, labels, make());
    this.overflowed(family.name);
    const common = family.series.get(idOf(OVERFLOW));
    const source = make();
    // There is no sum of callbacks: the ones past the limit are left out, and counted above.
    if (common !== undefined || typeof source === 'function') return common ?? { labels, source };
    return placed(family, idOf(OVERFLOW), OVERFLOW, source);
  }
}

function placed(family: Family, id: string, labels: Labels, source: Source): Series {
  const series: Series = { labels, source };
  family.series.set(id, series);
  return series;
}

/** The same labels in another order are the same series. */
function idOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function unitOf(name: string): string {
  if (name.endsWith('_bytes')) return 'By';
  return name.endsWith('_seconds') ? 's' : '1';
}

function readSeries({ labels, source }: Series): SeriesReading {
  if (typeof source === 'function') return { labels, value: source() };
  if (source instanceof Counter) return { labels, value: source.value };
  const { bounds, counts, sum, count } = source;
  return { labels, value: { bounds, counts: [...counts], sum, count } };
}
