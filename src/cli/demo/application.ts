import { setTimeout as delay } from 'node:timers/promises';
import type { Accepted } from '../../../actors/cache/messages.ts';
import type { Understudy } from '../../system/understudy.ts';
import { SampleValues } from '../replay/sample-values.ts';
import type { WriteLedger } from '../replay/write-ledger.ts';
import type { Meter } from './meter.ts';
import { Popularity } from './popularity.ts';

/** Milliseconds between bursts, and calls in one: 2,000 calls a second. */
const STEP = 2;
const BURST = 4;
export const CALLS_PER_SECOND = (BURST * 1_000) / STEP;

/** Twice what memory holds by default, so that memory has to choose well. */
const KEYS = 2_000;
const SKEW = 1.2;
const WRITES = 0.12;
const DELETIONS = 0.02;

/** What uses the cache: reads, and stores what it did not find; writes; and deletes. On time, whatever the answers do. */
export class Application {
  readonly #understudy: Understudy;
  readonly #ledger: WriteLedger;
  readonly #meter: Meter;
  readonly #values = new SampleValues(250);
  readonly #popularity = new Popularity(KEYS, SKEW);
  /** Keys that are being changed: one change of a key at a time, so that it is known which is the last. */
  readonly #changing = new Set<string>();

  constructor(understudy: Understudy, ledger: WriteLedger, meter: Meter) {
    this.#understudy = understudy;
    this.#ledger = ledger;
    this.#meter = meter;
  }

  /** Stores everything once, the most popular last, so that memory begins with what it would have kept. */
  async warmUp(): Promise<void> {
    const entries = Array.from(
      { length: KEYS },
      (_, at) => [keyOf(KEYS - 1 - at), this.#values.next()] as const,
    );
    await this.#understudy.cache.setMany(entries);
  }

  /** Runs until the signal, and until every call has been answered. */
  async run(signal: AbortSignal): Promise<void> {
    const underWay = new Set<Promise<void>>();
    const began = performance.now();
    for (let step = 0; !signal.aborted; step++) {
      const intended = began + step * STEP;
      const wait = intended - performance.now();
      if (wait > 0) await delay(wait);
      // Timers may fire a fraction of a millisecond early.
      const begun = Math.min(intended, performance.now());
      for (let at = 0; at < BURST; at++) {
        const call = this.#call(begun).finally(() => underWay.delete(call));
        underWay.add(call);
      }
    }
    await Promise.all(underWay);
  }

  async #call(intended: number): Promise<void> {
    const key = keyOf(this.#popularity.pick(Math.random()));
    const chance = Math.random();
    if (chance > WRITES + DELETIONS || this.#changing.has(key)) await this.#read(key, intended);
    else if (chance > DELETIONS) await this.#write(key, intended);
    else await this.#delete(key, intended);
  }

  async #read(key: string, intended: number): Promise<void> {
    const answer = await this.#meter.timed(intended, this.#understudy.cache.find(key));
    if (answer === undefined) return;
    this.#meter.read(answer.tier, answer.found);
    if (!answer.found && !this.#changing.has(key)) await this.#write(key, performance.now());
  }

  #write(key: string, intended: number): Promise<void> {
    const value = this.#values.next();
    return this.#change(key, this.#meter.timed(intended, this.#understudy.cache.set(key, value)), () =>
      this.#ledger.promised(key, value.write),
    );
  }

  #delete(key: string, intended: number): Promise<void> {
    const { write } = this.#values.next();
    const deletion = this.#understudy.ask({ type: 'cache.delete', key });
    return this.#change(key, this.#meter.timed(intended, deletion), () =>
      this.#ledger.promisedDeletion(key, write),
    );
  }

  async #change(key: string, call: Promise<Accepted | undefined>, promised: () => void): Promise<void> {
    this.#changing.add(key);
    const accepted = await call;
    this.#changing.delete(key);
    if (accepted === undefined) return;
    if (accepted.durable) this.#ledger.paid(key);
    else promised();
  }
}

function keyOf(rank: number): string {
  return `page:${rank}`;
}
