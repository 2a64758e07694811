import type { FamilyReading } from '../telemetry/readings.ts';
import type { TelemetrySource } from '../telemetry/sdk.ts';

/** The metrics of a system, and after its end those of its last moment: telemetry is stopped after what it is about. */
export class LastingMetrics implements TelemetrySource {
  readonly #system: TelemetrySource;
  #last: readonly FamilyReading[] | undefined;

  constructor(system: TelemetrySource) {
    this.#system = system;
  }

  ask(message: { readonly type: 'metrics.snapshot' }): Promise<readonly FamilyReading[]> {
    return this.#last === undefined ? this.#system.ask(message) : Promise.resolve(this.#last);
  }

  health(): Promise<{ readonly instance: string }> {
    return this.#system.health();
  }

  /** Keeps what there is now. */
  async keep(): Promise<void> {
    this.#last = await this.#system.ask({ type: 'metrics.snapshot' }).catch(() => []);
  }
}
