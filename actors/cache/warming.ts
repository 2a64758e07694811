import type { ActorRef } from '../../src/runtime/actor-ref.ts';
import type { Crash } from '../../src/runtime/behaviour.ts';
import type { Envelope } from '../../src/runtime/envelope.ts';
import { isUnderstudyError } from '../../src/runtime/errors.ts';
import { failureKind } from '../../src/tiers/redis/failures.ts';
import type { Outcome, Write } from '../../src/tiers/tier.ts';
import { expiryOf, freshOf, versionOf } from '../../src/wire/stored.ts';
import type { CircuitBreakerMessage } from '../circuit-breaker/messages.ts';
import type { Mailbox } from './mailbox.ts';
import type { Warmed } from './messages.ts';
import type { StoredTexts } from './read-batch.ts';
import { relearn } from './relearn.ts';
import type { CacheState } from './state.ts';

const NOT_TAKEN: Warmed = { taken: false, warmed: 0 };

/** What the warmer asks for: round trips of its own past the mailbox, made only while that has room for another. */
export class Warming {
  readonly #state: CacheState;
  readonly #crash: Crash;
  /** What may have to be restored, by key, the hottest first. */
  readonly #held = new Map<string, string>();
  #remote: { readonly breaker: ActorRef; readonly mailbox: Mailbox } | undefined;

  constructor(state: CacheState, crash: Crash) {
    this.#state = state;
    this.#crash = crash;
  }

  attach(breaker: ActorRef, mailbox: Mailbox): void {
    this.#remote = { breaker, mailbox };
  }

  /** `cache.prefetch`. */
  prefetch(envelope: Envelope, keys: readonly string[]): void {
    const { mailbox } = this.#remote ?? {};
    if (mailbox === undefined || !this.#mayBegin()) envelope.reply(NOT_TAKEN);
    else this.#end(envelope, relearn(this.#state, mailbox.recency, keys, this.#read));
  }

  /** `cache.hold`. */
  hold(since: number, limit: number): readonly string[] {
    const { memory, near, keyWatch, time } = this.#state;
    const now = time.now();
    for (const { key } of keyWatch?.report().hotKeys.slice(0, limit) ?? []) {
      const stored = memory.stored(key, now);
      // What somebody else wrote has no version: nothing would keep it from coming back over what came after it.
      const loose = stored === undefined || versionOf(stored) === '';
      // An emptied Redis has lost its markers too: what depends on one counts as invalidated.
      if (loose || memory.markers.of(key, stored).markers.length > 0 || (keyWatch?.seen(key) ?? 0) < since)
        continue;
      if (near?.covers(key) && memory.distrusted(key)) continue;
      this.#held.set(key, stored);
    }
    return [...this.#held.keys()];
  }

  /** `cache.release`. */
  release(): void {
    this.#held.clear();
  }

  /** `cache.restore`. */
  restore(envelope: Envelope, keys: readonly string[]): void {
    if (this.#mayBegin()) this.#end(envelope, this.#restore(keys));
    else envelope.reply(NOT_TAKEN);
  }

  #mayBegin(): boolean {
    return this.#state.redisUp && this.#remote?.mailbox.atEase === true;
  }

  #end(envelope: Envelope, work: Promise<number>): void {
    work.then(
      (warmed) => envelope.reply({ taken: true, warmed }),
      (error: unknown) => {
        if (!isUnderstudyError(error)) this.#crash(error);
        // What Redis refuses although it is well it would refuse again.
        else if (failureKind(error.cause) === 'refused') envelope.reply({ taken: true, warmed: 0 });
        else envelope.reply(NOT_TAKEN);
      },
    );
  }

  async #restore(keys: readonly string[]): Promise<number> {
    const held = keys.filter((key) => this.#restorable(key) !== undefined);
    if (held.length === 0) return 0;
    const texts = await this.#read(held);
    // Once more: it may have been changed here meanwhile.
    const missing = held.filter((_, at) => texts[at] === null);
    const writes = missing.flatMap((key) => this.#restorable(key) ?? []);
    if (writes.length === 0) return 0;
    const outcomes = await this.#ask<readonly Outcome[]>({ type: 'circuit-breaker.replay', writes });
    return outcomes.filter(({ status }) => status === 'done').length;
  }

  /** What is held of a key, as a change that is as old as it is; undefined where it is over, or something came after it. */
  #restorable(key: string): Write | undefined {
    const { memory, journal, time } = this.#state;
    const stored = this.#held.get(key);
    if (stored === undefined) return undefined;
    const version = versionOf(stored);
    const now = time.now();
    if ((freshOf(stored) ?? 0) <= now || memory.version(key) > version) return undefined;
    if (journal.get(key) !== undefined || journal.clears(key, version)) return undefined;
    return { op: 'set', key, version, stored, ttl: (expiryOf(stored) ?? now) - now };
  }

  readonly #read = (keys: readonly string[]): Promise<StoredTexts> =>
    this.#ask({ type: 'circuit-breaker.read', keys });

  #ask<Reply>(message: CircuitBreakerMessage): Promise<Reply> {
    const breaker = this.#remote?.breaker;
    if (breaker === undefined) throw new Error('there is no Redis');
    return breaker.ask(message, { deadline: Infinity });
  }
}
