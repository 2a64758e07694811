import type { Chronicle, Entry } from './chronicle.ts';
import type { Meter } from './meter.ts';
import type { Outage } from './outage.ts';

/** What the demo showed. Times are in milliseconds, ratios from 0 to 1. */
export interface DemoSummary {
  readonly duration: number;
  /** Calls through Understudy. */
  readonly operations: number;
  /** Those that were rejected. */
  readonly errors: number;
  readonly hitRatio: { readonly before: number; readonly out: number; readonly after: number };
  /** Of a call, from its intended start. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly outage: Outage;
  readonly journal: {
    /** Most changes that waited at a time. */
    readonly peak: number;
    /** Changes that were brought to Redis later. */
    readonly replayed: number;
    /** Changes accepted before Redis had them that Redis does not hold at the end, by asking Redis itself. */
    readonly lost: number;
  };
  /** The client that asked Redis itself. */
  readonly direct: { readonly operations: number; readonly errors: number };
  readonly events: readonly Entry[];
}

export interface DemoFindings extends Pick<DemoSummary, 'outage' | 'journal'> {
  readonly meter: Meter;
  readonly chronicle: Chronicle;
}

export function summaryOf({ meter, chronicle, outage, journal }: DemoFindings): DemoSummary {
  const { latency, hitRatios } = meter;
  return {
    duration: chronicle.now,
    operations: meter.calls,
    errors: meter.errors,
    hitRatio: {
      before: hitRatios.before.value,
      out: hitRatios.out.value,
      after: hitRatios.after.value,
    },
    latency: { p50: latency.percentile(0.5), p99: latency.percentile(0.99), max: latency.max },
    outage,
    journal,
    direct: { operations: meter.directCalls, errors: meter.directFailures },
    events: chronicle.entries,
  };
}

/** Whether it ended as it must: the breaker did its work, no call failed, and nothing was lost. */
export function isGood({ errors, journal, outage }: DemoSummary): boolean {
  return (
    errors === 0 &&
    journal.lost === 0 &&
    journal.replayed > 0 &&
    outage.noticedAfter !== undefined &&
    outage.recoveredAfter !== undefined
  );
}
