import { type Breakable, type Fault, inflict } from './faults.ts';
import type { Pace } from './pace.ts';

export interface ChaosOptions {
  readonly redis: Breakable;
  readonly faults: readonly Fault[];
  /** Milliseconds that a killed or frozen server stays away; less where the whole load would be over by then. */
  readonly outage: number;
  /** How much of the load is done, 0 to 1. */
  readonly progress: () => number;
  /** Keys asked for so far. */
  readonly keys: () => number;
  /** Slowed down while a fault lasts; undefined where the load keeps a schedule of its own. */
  readonly pace: Pace | undefined;
  /** Most keys that may be asked for while a fault lasts. */
  readonly mostKeys: number;
  /** Resolves when Redis serves again and has what it missed, with false when that takes too long. */
  readonly recovered: () => Promise<boolean>;
  readonly onFault: (fault: Fault | undefined) => void;
}

export interface FaultReport {
  readonly fault: Fault;
  /** How much of the load was done when it began, 0 to 1. */
  readonly progress: number;
  /** Milliseconds from its beginning until the server was repaired. */
  readonly outage: number;
  /** Milliseconds from the repair until Redis served again and had what it missed; undefined when it took too long. */
  readonly recovery: number | undefined;
}

/** Share of the load that may pass while a server is away: the rest is for the other faults and the time after. */
const SHARE = 0.12;

/**
 * Breaks a server midway through a load, each fault when its share of the load is done. The load goes on, but no faster
 * than lets the outage outlast it: from memory it would go through the whole trace before the first probe.
 */
export class Chaos {
  readonly #options: ChaosOptions;
  readonly #loadEnded = new AbortController();
  readonly #began = performance.now();
  readonly #reports: Promise<FaultReport>[] = [];
  #lasts = false;

  constructor(options: ChaosOptions) {
    this.#options = options;
  }

  /** Begins the next fault if it is time to. Called before each line, so that even a short trace meets its faults. */
  notice(): void {
    const { faults, progress } = this.#options;
    const index = this.#reports.length;
    const fault = faults[index];
    if (fault === undefined || this.#lasts || progress() < (index + 0.8) / (faults.length + 1)) return;
    const report = this.#inflict(fault);
    // Told by `end`.
    report.catch(() => {});
    this.#reports.push(report);
  }

  /** The load has ended: so does the fault that lasts. Resolves when the server is repaired and has what it missed. */
  end(): Promise<FaultReport[]> {
    this.#loadEnded.abort();
    return Promise.all(this.#reports);
  }

  async #inflict(fault: Fault): Promise<FaultReport> {
    const { redis, progress, pace, recovered, onFault } = this.#options;
    const at = progress();
    const began = performance.now();
    const outage = this.#outage(at);
    this.#lasts = true;
    onFault(fault);
    pace?.limit(this.#rate(at, outage));
    try {
      await inflict(fault, redis, outage, this.#loadEnded.signal);
      const repaired = performance.now();
      const recovery = (await recovered()) ? performance.now() - repaired : undefined;
      return { fault, progress: at, outage: repaired - began, recovery };
    } finally {
      pace?.limit(undefined);
      onFault(undefined);
      this.#lasts = false;
    }
  }

  /** A load with a schedule of its own cannot be slowed down, so there the outage takes its share and no more. */
  #outage(progress: number): number {
    const { outage, pace } = this.#options;
    if (pace !== undefined) return outage;
    return Math.min(outage, (SHARE * (performance.now() - this.#began)) / progress);
  }

  /** Keys a second at which the outage takes its share of the load. */
  #rate(progress: number, outage: number): number {
    const { keys, mostKeys } = this.#options;
    const share = (SHARE * keys()) / progress;
    return Math.max(1, (Math.min(mostKeys, share) * 1_000) / outage);
  }
}
