import type { ActorRef } from '../../src/runtime/actor-ref.ts';
import type { Crash } from '../../src/runtime/behaviour.ts';
import type { Envelope } from '../../src/runtime/envelope.ts';
import { isUnderstudyError } from '../../src/runtime/errors.ts';
import { failureKind } from '../../src/tiers/redis/failures.ts';
import type { Outcome, Write } from '../../src/tiers/tier.ts';
import { expiryOf, versionOf } from '../../src/wire/stored.ts';
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

  /** `cache.restore`. */
  restore(envelope: Envelope, keys: readonly string[], since: number): void {
    if (this.#mayBegin()) this.#end(envelope, this.#restore(keys, since));
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

  async #restore(keys: readonly string[], since: number): Promise<number> {
    const held = keys.filter((key) => this.#restorable(key, since) !== undefined);
    if (held.length === 0) return 0;
    const texts = await this.#read(held);
    // Once more: it may have been changed here meanwhile.
    const missing = held.filter((_, at) => texts[at] === null);
    const writes = missing.flatMap((key) => this.#restorable(key, since) ?? []);
    if (writes.length === 0) return 0;
    const outcomes = await this.#ask<readonly Outcome[]>({ type: 'circuit-breaker.replay', writes });
    return outcomes.filter(({ status }) => status === 'done').length;
  }

  /** What memory holds of a key, as a change that is as old as it is; undefined where it may not be what Redis held. */
  #restorable(key: string, since: number): Write | undefined {
    const { memory, journal, near, keyWatch, time } = this.#state;
    const now = time.now();
    const stored = memory.stored(key, now);
    if (stored === undefined || keyWatch === undefined || keyWatch.seen(key) < since) return undefined;
    const version = versionOf(stored);
    // What somebody else wrote has no version: nothing would keep it from coming back over what came after it.
    if (version === '' || memory.buried(key) !== '' || journal.get(key) !== undefined) return undefined;
    if (near?.covers(key) && memory.distrusted(key)) return undefined;
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
