import { isUnderstudyError } from '../../runtime/errors.ts';
import { LatencyHistogram } from './latency-histogram.ts';

/** What a load saw of its calls, from the caller's side. */
export class Tally {
  lines = 0;
  /** Keys that were asked for. */
  operations = 0;
  hits = 0;
  calls = 0;
  /** Calls that were rejected. */
  errors = 0;
  /** Rejected calls by error code. */
  readonly errorCodes: Record<string, number> = {};
  /** Keys whose new value was accepted before Redis had it. */
  journaled = 0;
  /** Milliseconds of each call from its intended start. */
  readonly latency = new LatencyHistogram();

  /** Awaits one call that was meant to begin at `intended`; undefined when it is rejected. */
  async timed<T>(intended: number, call: Promise<T>): Promise<{ readonly reply: T } | undefined> {
    this.calls++;
    try {
      return { reply: await call };
    } catch (error) {
      this.errors++;
      const code = isUnderstudyError(error) ? error.code : 'UNKNOWN';
      this.errorCodes[code] = (this.errorCodes[code] ?? 0) + 1;
      return undefined;
    } finally {
      this.latency.record(performance.now() - intended);
    }
  }
}
