import type { SystemEvent } from '../../runtime/events.ts';
import type { Understudy } from '../../system/understudy.ts';

export interface OutageReading {
  /** How often the breaker opened. */
  readonly opened: number;
  /** Keys that were answered from memory while it was not closed. */
  readonly reads: number;
}

/** Counts what memory answers in place of Redis. Answers of memory while Redis serves are no degradation. */
export class OutageMeter {
  readonly #understudy: Understudy;
  readonly #unsubscribe: () => void;
  #out: boolean;
  #opened = 0;
  #reads = 0;

  /** @param out whether Redis is out already */
  constructor(understudy: Understudy, out: boolean) {
    this.#understudy = understudy;
    this.#out = out;
    if (out) void this.#mark(-1);
    this.#unsubscribe = understudy.subscribe((event) => this.#heard(event));
  }

  /** Ends the measurement. */
  async read(): Promise<OutageReading> {
    this.#unsubscribe();
    if (this.#out) await this.#mark(1);
    return { opened: this.#opened, reads: Math.max(0, this.#reads) };
  }

  #heard(event: SystemEvent): void {
    if (event.type !== 'breaker.changed') return;
    const out = event.state !== 'closed';
    if (out === this.#out) return;
    this.#out = out;
    if (out) this.#opened++;
    void this.#mark(out ? -1 : 1);
  }

  /** The difference between two marks is what lies between them. */
  async #mark(sign: 1 | -1): Promise<void> {
    const { cache } = await this.#understudy.health();
    const { hits = 0, misses = 0 } = cache?.tiers.memory ?? {};
    this.#reads += sign * (hits + misses);
  }
}
