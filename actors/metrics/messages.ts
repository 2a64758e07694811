import type { MessageOf, Protocol } from '../../src/runtime/protocol.ts';
import type { FamilyReading, Labels } from '../../src/telemetry/readings.ts';

export type { FamilyReading, HistogramReading, SeriesReading } from '../../src/telemetry/readings.ts';

/** What the metrics actor understands. */
export type MetricsProtocol = Protocol<{
  /** Everything that is counted, as it stands now. */
  'metrics.snapshot': { request: object; reply: readonly FamilyReading[] };
  /** Adds to a counter of the host application, `app_<name>_total`. */
  'metrics.count': {
    request: { name: string; by?: number | undefined; labels?: Labels | undefined };
    reply: undefined;
  };
  /** Records values in a histogram of the host application, `app_<name>`, a batch at a time. */
  'metrics.observe': {
    request: { name: string; values: readonly number[]; labels?: Labels | undefined };
    reply: undefined;
  };
}>;

export type MetricsMessage = MessageOf<MetricsProtocol>;
