import { performance } from 'node:perf_hooks';
import type { OptionsInput } from '../../src/config/schema.ts';
import type { Understudy } from '../../src/system/understudy.ts';
import { createUnderstudy } from '../../src/system.ts';
import { until } from '../servers/until.ts';
import type { Call } from './call.ts';
import { watchMishaps } from './mishaps.ts';
import { type LoadOptions, OpenLoop } from './open-loop.ts';
import { percentile } from './percentile.ts';
import { Timeline } from './timeline.ts';

interface LoadedSystemOptions {
  readonly options: OptionsInput;
  /** What Redis holds, seen past the client under test. */
  readonly held: (keys: readonly string[]) => Promise<readonly (number | undefined)[]>;
  /** Whether Redis can be reached when the load begins. Default true. */
  readonly reachable?: boolean;
  readonly load?: LoadOptions;
}

/** What a run came to. Times in milliseconds. */
export interface Report {
  readonly calls: number;
  readonly rejected: readonly string[];
  /** Of the call that took longest, from its start. */
  readonly slowest: number;
  /** By which a call was made later than intended, at most: the event loop was busy, or had no processor. */
  readonly lag: number;
  /** Of the calls begun while the breaker was open: from their start, and from their intended start. */
  readonly open: { readonly calls: number; readonly p99: number; readonly p99Intended: number };
  /** Reads that found something else than the last accepted change. */
  readonly stale: number;
  /** Keys of which Redis in the end holds something else than the last accepted change made of them. */
  readonly lost: readonly string[];
  readonly unhandled: readonly unknown[];
  readonly printed: readonly string[];
}

const SETTLING_MS = 10_000;
const WARM_CALLS = 600;

/** A system under the load of an open loop, from its start to the comparison with what Redis holds in the end. */
export class LoadedSystem implements AsyncDisposable {
  readonly understudy: Understudy;
  readonly load: OpenLoop;
  readonly timeline: Timeline;
  readonly #settings: LoadedSystemOptions;
  readonly #mishaps: ReturnType<typeof watchMishaps>;

  private constructor(
    understudy: Understudy,
    settings: LoadedSystemOptions,
    mishaps: ReturnType<typeof watchMishaps>,
  ) {
    this.understudy = understudy;
    this.#settings = settings;
    this.#mishaps = mishaps;
    this.timeline = new Timeline(understudy, settings.reachable === false);
    this.load = new OpenLoop(understudy, settings.load);
  }

  /** Resolves when the load has been answered for a while. */
  static async start(settings: LoadedSystemOptions): Promise<LoadedSystem> {
    const mishaps = watchMishaps();
    const system = new LoadedSystem(await createUnderstudy(settings.options), settings, mishaps);
    if (settings.reachable !== false) await system.load.seed();
    system.load.start();
    await system.answered(WARM_CALLS);
    return system;
  }

  /** Resolves when so many more calls were made and answered: at a fixed rate, so much time. */
  async answered(count: number): Promise<void> {
    const target = this.load.calls.length + count;
    const probe = async () => !Number.isNaN(this.load.calls[target - 1]?.ended ?? Number.NaN);
    await until(`${count} more calls are answered`, probe, { timeoutMs: 15_000 });
  }

  /** When the first call that was begun after `since` and answered by Redis had its answer. */
  async servedByRedis(since: number, timeoutMs: number): Promise<number> {
    const isIt = (call: Call) => call.began >= since && call.tier === 'redis';
    const probe = async () => this.load.calls.find(isIt);
    return (await until('a call is answered by Redis', probe, { timeoutMs })).ended;
  }

  /** Ends the load, waits until the journal is empty, and compares. The system goes on until it is disposed of. */
  async finish(): Promise<Report> {
    await this.load.stop();
    await this.#replayed();
    const lost = await this.load.model.differing(this.#settings.held);
    const { calls } = this.load;
    const spans = this.timeline.open();
    const whileOpen = calls.filter(({ began }) => spans.some(({ from, to }) => began > from && began < to));
    return {
      calls: calls.length,
      rejected: calls.flatMap(({ error, operation }) => (error ? [`${operation}: ${String(error)}`] : [])),
      slowest: Math.max(...calls.map(({ began, ended }) => ended - began)),
      lag: Math.max(...calls.map(({ intended, began }) => began - intended)),
      open: {
        calls: whileOpen.length,
        p99: percentile(
          whileOpen.map(({ began, ended }) => ended - began),
          0.99,
        ),
        p99Intended: percentile(
          whileOpen.map(({ intended, ended }) => ended - intended),
          0.99,
        ),
      },
      stale: calls.filter(({ stale }) => stale).length,
      lost,
      unhandled: this.#mishaps.unhandled,
      printed: this.#mishaps.printed,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.load.stop();
    await this.understudy.stop();
    this.#mishaps.end();
  }

  async #replayed(): Promise<void> {
    const probe = async () => {
      const { journal, waiting } = await this.understudy.ask({ type: 'cache.stats' });
      return journal.entries === 0 && waiting === 0;
    };
    await until('the journal is empty', probe, { timeoutMs: SETTLING_MS });
  }
}

/** Now, on the clock of everything here. */
export function now(): number {
  return performance.now();
}
