import type { MessageOf, Protocol } from '../../src/runtime/protocol.ts';
import type { Labels } from '../../src/telemetry/instruments.ts';

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

export interface FamilyReading {
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** UCUM unit: `s`, `By`, `1`. */
  readonly unit: string;
  readonly series: readonly SeriesReading[];
}

/** What the metrics actor understands. */
export type MetricsProtocol = Protocol<{
  /** Everything that is counted, as it stands now. */
  'metrics.snapshot': { request: object; reply: readonly FamilyReading[] };
  /** Adds to a counter of the host application, `app_<name>_total`. */
  'metrics.count': { request: { name: string; by?: number; labels?: Labels }; reply: undefined };
  /** Records values in a histogram of the host application, `app_<name>`, a batch at a time. */
  'metrics.observe': {
    request: { name: string; values: readonly number[]; labels?: Labels };
    reply: undefined;
  };
}>;

export type MetricsMessage = MessageOf<MetricsProtocol>;
