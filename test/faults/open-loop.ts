import { performance } from 'node:perf_hooks';
import type { Understudy } from '../../src/system/understudy.ts';
import { seededRandom } from '../servers/seeded-random.ts';
import { KeyModel } from './key-model.ts';

type Operation = 'get' | 'set' | 'delete' | 'getOrSet';

/** One call, in milliseconds of the monotonic clock. */
export interface Call {
  readonly operation: Operation;
  /** When an open loop wanted it made: the lag of a busy event loop counts. */
  readonly intended: number;
  /** When it was made. */
  readonly began: number;
  ended: number;
  /** Undefined for `getOrSet`, whose answer does not say. */
  tier: string | undefined;
  degraded: boolean | undefined;
  error: unknown;
  /** It found something else than the last accepted change of its key. */
  stale: boolean;
}

export interface LoadOptions {
  /** Operations a second. Default 2000. */
  readonly rate?: number;
  /** Default 500. */
  readonly keys?: number;
  readonly seed?: number;
  /** Whether 5 % of the operations are loads, or reads in their place. Default true. */
  readonly loads?: boolean;
}

const VALUE_LENGTH = 200;

/** A value that says which write it comes from. */
export interface Numbered {
  readonly number: number;
  readonly text: string;
}

export function numbered(number: number): Numbered {
  return { number, text: 'x'.repeat(VALUE_LENGTH) };
}

/**
 * Calls at a fixed rate whether or not earlier ones were answered: 70 % reads, 20 % writes, 5 % deletions, 5 % loads. It
 * knows of every key what was last accepted, so a read that finds anything else is seen at once.
 */
export class OpenLoop {
  readonly calls: Call[] = [];
  readonly model: KeyModel;
  readonly #understudy: Understudy;
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
    this.#loads = loads;
    this.#understudy = understudy;
    this.#interval = 1_000 / rate;
    this.#random = seededRandom(seed);
    this.model = new KeyModel(Array.from({ length: keys }, (_, at) => `key-${at}`));
  }

  /** Writes every key once, so that memory and Redis know them all. */
  async seed(): Promise<void> {
    const taken = this.model.keys.map((_, at) => this.model.take(at));
    await this.#understudy.cache.setMany(taken.map(({ key, number }) => [key, numbered(number)] as const));
    for (const { key, number } of taken) this.model.accept(key, number);
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
    const due = (performance.now() - this.#began) / this.#interval;
    if (this.#stopped) return;
    if (this.#issued >= due) {
      setTimeout(this.#tick, 1);
      return;
    }
    this.#issue(this.#began + this.#issued++ * this.#interval);
    setImmediate(this.#tick);
  };

  #issue(intended: number): void {
    const operation = pick(this.#random(), this.#loads);
    const call: Call = {
      operation,
      intended,
      began: performance.now(),
      ended: Number.NaN,
      tier: undefined,
      degraded: undefined,
      error: undefined,
      stale: false,
    };
    this.calls.push(call);
    const place = Math.floor(this.#random() * this.model.keys.length);
    const pending = this.#perform(call, place)
      .catch((error: unknown) => {
        call.error = error;
      })
      .finally(() => {
        call.ended = performance.now();
        this.#pending.delete(pending);
      });
    this.#pending.add(pending);
  }

  #perform(call: Call, place: number): Promise<void> {
    switch (call.operation) {
      case 'get':
        return this.#get(call, this.model.keys[place] ?? '');
      case 'set':
        return this.#set(call, place);
      case 'delete':
        return this.#delete(call, place);
      case 'getOrSet':
        return this.#getOrSet(call, place);
    }
  }

  async #get(call: Call, key: string): Promise<void> {
    const expectation = this.model.expect(key);
    const found = await this.#understudy.cache.find<Numbered>(key);
    Object.assign(call, { tier: found.tier, degraded: found.degraded });
    const { binding, accepted } = expectation();
    call.stale = binding && (found.found ? found.value.number : undefined) !== accepted;
  }

  async #set(call: Call, place: number): Promise<void> {
    const { key, number } = this.model.take(place);
    const { tier, degraded } = await this.#understudy.cache.set(key, numbered(number));
    this.model.accept(key, number);
    Object.assign(call, { tier, degraded });
  }

  async #delete(call: Call, place: number): Promise<void> {
    const { key } = this.model.take(place);
    const { tier, degraded } = await this.#understudy.ask({ type: 'cache.delete', key });
    this.model.accept(key, undefined);
    Object.assign(call, { tier, degraded });
  }

  async #getOrSet(call: Call, place: number): Promise<void> {
    const { key, number } = this.model.take(place);
    let loads = 0;
    const value = await this.#understudy.cache.getOrSet(key, () => {
      loads++;
      return numbered(number);
    });
    const accepted = this.model.accepted(key);
    call.stale = value.number !== (accepted ?? number) || loads !== (accepted === undefined ? 1 : 0);
    if (loads > 0) this.model.accept(key, number);
    else this.model.release(key);
  }
}

function pick(drawn: number, loads: boolean): Operation {
  if (drawn < 0.2) return 'set';
  if (drawn < 0.25) return 'delete';
  return drawn < 0.3 && loads ? 'getOrSet' : 'get';
}
