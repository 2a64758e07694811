import { performance } from 'node:perf_hooks';
import type { Understudy } from '../../src/system/understudy.ts';
import { seededRandom } from '../servers/seeded-random.ts';
import { type Call, newCall, type Operation } from './call.ts';
import { CheckedCalls } from './checked-calls.ts';
import type { KeyModel } from './key-model.ts';

export interface LoadOptions {
  /** Operations a second. Default 2000. */
  readonly rate?: number;
  /** Default 500. */
  readonly keys?: number;
  readonly seed?: number;
  /** Whether 5 % of the operations are loads, or reads in their place. Default true. */
  readonly loads?: boolean;
}

/**
 * Calls at a fixed rate whether or not earlier ones were answered: 70 % reads, 20 % writes, 5 % deletions, 5 % loads.
 */
export class OpenLoop {
  readonly calls: Call[] = [];
  readonly #checked: CheckedCalls;
  readonly #interval: number;
  readonly #loads: boolean;
  readonly #random: () => number;
  readonly #pending = new Set<Promise<void>>();
  #stopped = false;
  #began = 0;
  #issued = 0;

  constructor(
    understudy: Understudy,
    { rate = 2_000, keys = 500, seed = 1, loads = true }: LoadOptions = {},
  ) {
    this.#checked = new CheckedCalls(understudy, keys);
    this.#interval = 1_000 / rate;
    this.#loads = loads;
    this.#random = seededRandom(seed);
  }

  get model(): KeyModel {
    return this.#checked.model;
  }

  /** Writes every key once. */
  seed(): Promise<void> {
    return this.#checked.seed();
  }

  start(): void {
    this.#began = performance.now();
    this.#tick();
  }

  /** Issues nothing more; resolves when everything issued has been answered. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#pending);
  }

  /** One call a turn: what catches up after a lag must not be timed behind the making of the next. */
  readonly #tick = (): void => {
    if (this.#stopped) return;
    const due = (performance.now() - this.#began) / this.#interval;
    if (this.#issued >= due) {
      setTimeout(this.#tick, 1);
      return;
    }
    this.#issue(this.#began + this.#issued++ * this.#interval);
    setImmediate(this.#tick);
  };

  #issue(intended: number): void {
    const call = newCall(this.#operation(), intended, performance.now());
    this.calls.push(call);
    const place = Math.floor(this.#random() * this.model.keys.length);
    const pending = this.#checked
      .perform(call, place)
      .catch((error: unknown) => {
        call.error = error;
      })
      .finally(() => {
        call.ended = performance.now();
        this.#pending.delete(pending);
      });
    this.#pending.add(pending);
  }

  #operation(): Operation {
    const drawn = this.#random();
    if (drawn < 0.2) return 'set';
    if (drawn < 0.25) return 'delete';
    return drawn < 0.3 && this.#loads ? 'getOrSet' : 'get';
  }
}
