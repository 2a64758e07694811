import type { Clock } from '../../src/runtime/clock.ts';
import type { Envelope, TraceContext } from '../../src/runtime/envelope.ts';
import type { TierName } from '../../src/tiers/tier.ts';
import { checkKey } from '../../src/wire/keys.ts';
import { freshOf, readValue, UNREADABLE, versionOf } from '../../src/wire/stored.ts';
import type { ReadSlot } from './group.ts';
import type { Mailbox, MailboxOwner } from './mailbox.ts';
import { type Form, ManyReaders, type Reader, reply, SingleReader } from './reader.ts';
import type { CacheState } from './state.ts';
import type { Tally } from './tally.ts';

/** What is known without asking Redis: the value (or UNREADABLE) and the tier that knows it. */
interface Known {
  readonly value: unknown;
  readonly tier: TierName;
}

/** Answers reads: in the same turn from memory or the journal, else by a batch to Redis, else from memory after all. */
export class Reads implements MailboxOwner {
  readonly #state: CacheState;
  readonly #tally: Tally;
  readonly #clock: Clock;
  #mailbox: Mailbox | undefined;

  constructor(state: CacheState, tally: Tally, clock: Clock) {
    this.#state = state;
    this.#tally = tally;
    this.#clock = clock;
  }

  /** Without a mailbox there is no Redis, and memory is all there is. */
  attach(mailbox: Mailbox): void {
    this.#mailbox = mailbox;
  }

  /** `cache.get`, `cache.find`, `cache.has`. */
  one(envelope: Envelope, key: string, form: Form): void {
    checkKey(key);
    const mailbox = this.#mailbox;
    if (mailbox === undefined || !this.#state.redisUp) {
      const began = this.#tally.began();
      const value = this.#local(key);
      this.#tally.count('get', 'memory', value !== UNREADABLE);
      reply(envelope, form, value, 'memory', mailbox !== undefined);
      this.#tally.ended('get', began);
      return;
    }
    const reader = new SingleReader(key, envelope, form, this.#clock.monotonic(), this.fallBack);
    this.ask(mailbox, key, reader, envelope.trace);
  }

  /** `cache.getMany`. */
  many(envelope: Envelope, keys: readonly string[]): void {
    const many = new ManyReaders(keys, envelope, this.fallBack);
    if (keys.length === 0) many.finish();
    const began = this.#clock.monotonic();
    // All readers first: an answer in the same turn must not find the others missing and reply too early.
    const readers = keys.map((_, index) => many.reader(index, began));
    for (let index = 0; index < keys.length; index++) {
      this.read(keys[index] as string, readers[index] as Reader, envelope.trace);
    }
  }

  /** Reads one key for whoever waits for it. */
  read(key: string, reader: Reader, trace: TraceContext | undefined): void {
    const mailbox = this.#mailbox;
    if (mailbox === undefined || !this.#state.redisUp)
      this.#settle(reader, this.#local(key), 'memory', mailbox !== undefined);
    else this.ask(mailbox, key, reader, trace);
  }

  /** Answers from the journal or from what this turn changes, else asks Redis. */
  ask(mailbox: Mailbox, key: string, reader: Reader, trace: TraceContext | undefined): void {
    const known = this.#overlay(key) ?? this.#pending(mailbox, key);
    if (known === undefined) mailbox.read(key, reader, trace);
    else this.#settle(reader, known.value, known.tier, false);
  }

  /** Redis did not answer, or not in time. */
  readonly fallBack = (reader: Reader, key: string): void => {
    this.#settle(reader, this.#local(key), 'memory', true);
  };

  readsAnswered(
    slots: readonly ReadSlot[],
    stored: readonly (string | null | undefined)[] | undefined,
  ): void {
    const now = this.#state.time.now();
    const ended = this.#clock.monotonic();
    for (let index = 0; index < slots.length; index++) {
      const slot = slots[index] as ReadSlot;
      const text = stored?.[index];
      if (text === undefined) {
        eachReader(slot, (reader) => this.fallBack(reader, slot.key));
      } else this.#answered(slot, this.#uncleared(slot.key, text), now, ended);
    }
  }

  #answered(slot: ReadSlot, stored: string | null, now: number, ended: number): void {
    const { memory } = this.#state;
    if (this.#mailbox?.recency.holds(slot.key, slot.asOf)) {
      if (stored === null) memory.forget(slot.key);
      else memory.keep(slot.key, stored, now);
    }
    eachReader(slot, (reader) => {
      // Each reader gets a value of its own.
      const value = stored === null ? UNREADABLE : readValue(stored);
      this.#tally.count(reader.operation, 'redis', value !== UNREADABLE);
      this.#tally.duration(reader.operation, ended - reader.began);
      reader.answer(value, 'redis', false);
    });
  }

  #settle(reader: Reader, value: unknown, tier: TierName, degraded: boolean): void {
    this.#tally.count(reader.operation, 'memory', value !== UNREADABLE);
    this.#tally.duration(reader.operation, this.#clock.monotonic() - reader.began);
    reader.answer(value, tier, degraded);
  }

  /** What this process knows: the journal first, for memory may have evicted what Redis has not got yet. */
  #local(key: string): unknown {
    const known = this.#overlay(key);
    return known === undefined ? this.#state.memory.find(key, this.#state.time.now()) : known.value;
  }

  /** A change that Redis has not confirmed is newer than what Redis would answer. */
  #overlay(key: string): Known | undefined {
    const { journal, memory, time } = this.#state;
    if (journal.size === 0) return undefined;
    const write = journal.get(key);
    if (write === undefined) return undefined;
    if (write.op === 'delete') return { value: UNREADABLE, tier: 'memory' };
    const now = time.now();
    const value = memory.find(key, now);
    if (value !== UNREADABLE) return { value, tier: 'memory' };
    if (write.op !== 'set') return undefined;
    const fresh = freshOf(write.stored) ?? now;
    return { value: fresh > now ? readValue(write.stored) : UNREADABLE, tier: 'memory' };
  }

  #pending(mailbox: Mailbox, key: string): Known | undefined {
    const write = mailbox.pendingChange(key);
    if (write === undefined) return undefined;
    return { value: write.op === 'set' ? readValue(write.stored) : UNREADABLE, tier: 'memory' };
  }

  /** An invalidation that Redis has not carried out yet hides what is older. */
  #uncleared(key: string, stored: string | null): string | null {
    const { journal } = this.#state;
    if (stored === null || journal.clearing() === undefined) return stored;
    return journal.clears(key, versionOf(stored)) ? null : stored;
  }
}

/** A reader that is answered may be put into another slot at once, so its link is taken first. */
function eachReader(slot: ReadSlot, answer: (reader: Reader) => void): void {
  let reader = slot.readers;
  while (reader !== undefined) {
    const next = reader.next;
    reader.next = undefined;
    answer(reader);
    reader = next;
  }
}
