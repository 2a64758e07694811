import type { CacheStats } from '../../../actors/cache/messages.ts';
import type { FaultReport } from './chaos.ts';
import type { OutageReading } from './outage-meter.ts';
import type { Tally } from './tally.ts';
import type { TraceFormat } from './trace-line.ts';

interface TierReport {
  readonly hits: number;
  readonly misses: number;
  /** Hits of this tier by all keys that were asked for, 0 to 1. */
  readonly hitRatio: number;
}

/** What a replay found out. Times are in milliseconds, ratios from 0 to 1. */
export interface ReplayReport {
  readonly format: TraceFormat;
  readonly lines: number;
  /** Keys that were asked for. */
  readonly operations: number;
  readonly calls: number;
  /** Calls that were rejected. */
  readonly errors: number;
  /** Rejected calls by error code. */
  readonly errorCodes: Readonly<Record<string, number>>;
  readonly hitRatio: number;
  readonly tiers: { readonly redis: TierReport; readonly memory: TierReport };
  /** Of a call, from its intended start. */
  readonly latency: {
    readonly p50: number;
    readonly p99: number;
    readonly p999: number;
    readonly max: number;
  };
  /** From the first line to the last answer. */
  readonly duration: number;
  /** Keys a second. */
  readonly throughput: number;
  readonly breaker: {
    /** How often it opened. */
    readonly opened: number;
  };
  /** Answers in place of Redis. */
  readonly degraded: {
    /** Keys that were answered from memory while the breaker was not closed. */
    readonly reads: number;
    /** Keys whose new value was accepted before Redis had it. */
    readonly writes: number;
  };
  readonly journal: {
    /** Changes that were brought to Redis later. */
    readonly replayed: number;
    /** Keys accepted before Redis had them that Redis does not hold at the end, by asking Redis itself. */
    readonly lost: number;
  };
  readonly faults: readonly FaultReport[];
}

export interface Findings {
  readonly format: TraceFormat;
  readonly tally: Tally;
  readonly stats: CacheStats;
  readonly duration: number;
  readonly lost: number;
  readonly outages: OutageReading;
  readonly faults: readonly FaultReport[];
}

export function reportOf(found: Findings): ReplayReport {
  const { tally, stats, duration, outages } = found;
  const { operations, latency } = tally;
  const share = (part: number): number => (operations === 0 ? 0 : part / operations);
  const tier = ({ hits, misses }: CacheStats['tiers']['redis']): TierReport => ({
    hits,
    misses,
    hitRatio: share(hits),
  });
  const { memory, redis } = stats.tiers;
  return {
    format: found.format,
    lines: tally.lines,
    operations,
    calls: tally.calls,
    errors: tally.errors,
    errorCodes: tally.errorCodes,
    hitRatio: share(tally.hits),
    tiers: { redis: tier(redis), memory: tier(memory) },
    latency: {
      p50: rounded(latency.percentile(0.5)),
      p99: rounded(latency.percentile(0.99)),
      p999: rounded(latency.percentile(0.999)),
      max: rounded(latency.max),
    },
    duration: rounded(duration),
    throughput: duration === 0 ? 0 : Math.round((operations * 1_000) / duration),
    breaker: { opened: outages.opened },
    degraded: { reads: outages.reads, writes: tally.journaled },
    journal: { replayed: stats.journal.replayed, lost: found.lost },
    faults: found.faults,
  };
}

/** To a tenth of a microsecond. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10_000) / 10_000;
}
