import { setTimeout as delay } from 'node:timers/promises';
import type { BreakerState } from '../../runtime/events.ts';
import type { Understudy } from '../../system/understudy.ts';
import type { Chronicle } from './chronicle.ts';
import type { Meter } from './meter.ts';
import type { Script } from './script.ts';

/** Slices of time in the whole demo: the columns of the picture. */
export const SLICES = 40;
/** Milliseconds between looks at the journal. */
const LOOK = 50;

/** Everything there is to see, as it is now. */
export class Scene {
  readonly script: Script;
  readonly meter: Meter;
  readonly chronicle: Chronicle;
  redis: 'up' | 'killed' | 'starting' = 'up';
  breaker: BreakerState = 'closed';
  /** Changes that wait for Redis. */
  journal = 0;
  /** Most changes that ever waited. */
  journalPeak = 0;

  constructor(script: Script, meter: Meter, chronicle: Chronicle) {
    this.script = script;
    this.meter = meter;
    this.chronicle = chronicle;
  }

  /** Resolves at a time of the script. */
  async until(time: number): Promise<void> {
    await delay(Math.max(0, time - this.chronicle.now));
  }

  /** Follows the system until the signal, and ends a slice whenever it is time to. */
  async follow(understudy: Understudy, signal: AbortSignal): Promise<void> {
    const unsubscribe = understudy.subscribe((event) => {
      if (event.type === 'breaker.changed') this.breaker = event.state;
      this.chronicle.heard(event);
    });
    const slice = this.script.end / SLICES;
    const look = async (): Promise<void> => {
      const { cache } = await understudy.health();
      this.journal = cache?.journal.entries ?? 0;
      this.journalPeak = Math.max(this.journalPeak, this.journal);
      const due = Math.min(SLICES, Math.floor(this.chronicle.now / slice));
      this.meter.cut(due - this.meter.slices.length, this.journal);
    };
    while (!signal.aborted) {
      await look();
      await delay(LOOK);
    }
    await look();
    unsubscribe();
  }
}
