/** Label names and values of one series. Never keys, values or anything else that has no bound. */
export type Labels = Readonly<Record<string, string>>;

export interface HistogramReading {
  /** Upper bounds; `counts` has one more, for what is above the last. Not cumulated. */
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
  readonly count: number;
}

export interface SeriesReading {
  readonly labels: Labels;
  readonly value: number | HistogramReading;
}

/** All series of one name, as they stood when they were read. */
export interface FamilyReading {
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** UCUM unit: `s`, `By`, `1`. */
  readonly unit: string;
  readonly series: readonly SeriesReading[];
}
