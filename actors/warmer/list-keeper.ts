import type { ActorRef } from '../../src/runtime/actor-ref.ts';
import type { HybridClock } from '../../src/wire/hybrid-clock.ts';
import type { CacheMessage, CacheStats } from '../cache/messages.ts';
import type { CircuitBreakerMessage } from '../circuit-breaker/messages.ts';
import { askedSince, type HotList, mergedHotList, parseHotList } from './hot-list.ts';
import type { WarmerState } from './state.ts';

/** Milliseconds for which the list outlives the last process that wrote it: a week. */
const LIFETIME = 604_800_000;

export interface ListKeeperParts {
  readonly cache: ActorRef;
  readonly breaker: ActorRef;
  readonly state: WarmerState;
  readonly time: HybridClock;
  /** Most keys of the list. */
  readonly limit: number;
}

/**
 * The list of the hottest keys in Redis. It is a hint: two processes that write it at once lose what one of them added, and
 * a later writing makes good for it.
 */
export class ListKeeper {
  readonly #parts: ListKeeperParts;

  constructor(parts: ListKeeperParts) {
    this.#parts = parts;
  }

  async recall(): Promise<HotList | undefined> {
    return parseHotList(await this.#ask<string | null>({ type: 'circuit-breaker.recall' }));
  }

  /** Begins a list where there is none. Another process may have been quicker. */
  async begin(): Promise<HotList> {
    const { time } = this.#parts;
    const list: HotList = { born: time.next(), at: time.now(), keys: [] };
    if (await this.#remember(list, true)) return list;
    const theirs = await this.recall();
    if (theirs !== undefined) return theirs;
    // What stands there is no list.
    await this.#remember(list, false);
    return list;
  }

  /** Adds what this process was asked for since it last did. */
  async save(): Promise<void> {
    const { state, time, limit } = this.#parts;
    const list = (await this.recall()) ?? (await this.begin());
    // Emptied while it was there: somebody wanted it empty.
    state.born = list.born;
    const asked = askedSince(state.counted, await this.#hottest());
    await this.#remember(mergedHotList(list, asked, time.now(), limit), false);
  }

  /** What this process was asked for most. */
  async #hottest(): Promise<NonNullable<CacheStats['hotKeys']>> {
    const message: CacheMessage = { type: 'cache.stats' };
    const { hotKeys = [] } = await this.#parts.cache.ask<CacheStats>(message);
    return hotKeys;
  }

  #remember(list: HotList, anew: boolean): Promise<boolean> {
    const text = JSON.stringify(list);
    return this.#ask({ type: 'circuit-breaker.remember', text, ttl: LIFETIME, anew });
  }

  #ask<Reply>(message: CircuitBreakerMessage): Promise<Reply> {
    return this.#parts.breaker.ask(message, { deadline: Infinity });
  }
}
