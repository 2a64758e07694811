import { performance } from 'node:perf_hooks';
import type { BreakerState, SystemEvent } from '../../src/runtime/events.ts';
import type { Understudy } from '../../src/system/understudy.ts';

interface Entry {
  readonly at: number;
  readonly event: SystemEvent;
}

interface Waiter {
  readonly matches: (event: SystemEvent) => boolean;
  readonly resolve: (entry: Entry) => void;
}

/** A stretch of monotonic milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What happened in a system, with the times, and a way to wait for what will. */
export class Timeline {
  readonly entries: Entry[] = [];
  readonly #waiters = new Set<Waiter>();

  readonly #openAtFirst: boolean;

  constructor(understudy: Pick<Understudy, 'subscribe'>, openAtFirst: boolean) {
    this.#openAtFirst = openAtFirst;
    understudy.subscribe((event) => {
      const entry = { at: performance.now(), event };
      this.entries.push(entry);
      for (const waiter of [...this.#waiters]) {
        if (!waiter.matches(event)) continue;
        this.#waiters.delete(waiter);
        waiter.resolve(entry);
      }
    });
  }

  /** The time at which the breaker changes to this state next. */
  async breaker(state: BreakerState, timeoutMs: number): Promise<number> {
    const matches = (event: SystemEvent) => event.type === 'breaker.changed' && event.state === state;
    return (await this.next(`the breaker is ${state}`, matches, timeoutMs)).at;
  }

  /** The next event of a type. */
  async type(type: SystemEvent['type'], timeoutMs = 2_000): Promise<SystemEvent> {
    return (await this.next(`there is a ${type}`, (event) => event.type === type, timeoutMs)).event;
  }

  /** The next event that matches. */
  async next(
    expectation: string,
    matches: (event: SystemEvent) => boolean,
    timeoutMs: number,
  ): Promise<Entry> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const seen = this.entries.slice(-8).map(({ event }) => JSON.stringify(event));
        reject(new Error(`Not within ${timeoutMs} ms: ${expectation}. The last events:\n${seen.join('\n')}`));
      }, timeoutMs);
    });
    const awaited = new Promise<Entry>((resolve) => this.#waiters.add({ matches, resolve }));
    try {
      return await Promise.race([awaited, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Stretches in which the breaker let nothing through. One that goes on ends in infinity. */
  open(): Span[] {
    const spans: Span[] = [];
    let from = this.#openAtFirst ? 0 : undefined;
    for (const { at, event } of this.entries) {
      if (event.type !== 'breaker.changed') continue;
      if (event.state !== 'closed') from ??= at;
      else if (from !== undefined) {
        spans.push({ from, to: at });
        from = undefined;
      }
    }
    return from === undefined ? spans : [...spans, { from, to: Number.POSITIVE_INFINITY }];
  }
}
