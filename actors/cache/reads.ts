import type { Envelope, TraceContext } from '../../src/runtime/envelope.ts';
import type { Verdict } from '../../src/tiers/markers.ts';
import type { Near } from '../../src/tiers/near.ts';
import type { TierName, Write } from '../../src/tiers/tier.ts';
import { checkKey } from '../../src/wire/keys.ts';
import { Opening } from '../../src/wire/opening.ts';
import { expiryOf, freshOf, graceOf, isStale, UNREADABLE, versionOf } from '../../src/wire/stored.ts';
import type { Values } from '../../src/wire/values.ts';
import type { Archived, ArchiveOwner, ArchiveReads } from './archive-reads.ts';
import type { Mailbox, MailboxOwner } from './mailbox.ts';
import { MarkerReader } from './marker-reader.ts';
import type { MarkerReads } from './marker-reads.ts';
import type { Provenance } from './messages.ts';
import type { Openings } from './openings.ts';
import type { StoredTexts } from './read-batch.ts';
import { type Form, type Kept, ManyReaders, type Reader, reply, SingleReader } from './reader.ts';
import type { CacheState } from './state.ts';
import type { Operation, Tally } from './tally.ts';

const FROM_REDIS: Provenance = { tier: 'redis', degraded: false };

/** What was found, and what its markers say of it. */
interface Judged {
  readonly stored: string;
  readonly value: unknown;
  readonly verdict: Verdict;
  readonly now: number;
}

/** Answers reads: in the same turn from memory or the journal, else by a batch to Redis, else from memory after all. */
export class Reads implements MailboxOwner, ArchiveOwner {
  readonly #state: CacheState;
  readonly #tally: Tally;
  readonly #values: Values;
  /** Whether there are namespaces to count for. */
  readonly #spaced: boolean;
  readonly #openings: Openings;
  #mailbox: Mailbox | undefined;
  #archive: ArchiveReads | undefined;
  #markers: MarkerReads | undefined;

  constructor(state: CacheState, tally: Tally, openings: Openings) {
    this.#state = state;
    this.#tally = tally;
    this.#values = state.values;
    this.#spaced = state.values.namespaces.size > 0;
    this.#openings = openings;
  }

  /** Without a mailbox there is no Redis, and memory is all there is. */
  attach(mailbox: Mailbox, markers: MarkerReads): void {
    this.#mailbox = mailbox;
    this.#markers = markers;
  }

  /** Without them the durable tier keeps no values. */
  attachArchive(archive: ArchiveReads): void {
    this.#archive = archive;
  }

  /** `cache.get`, `cache.find`, `cache.has`. */
  one(envelope: Envelope, key: string, form: Form): void {
    checkKey(key);
    const mailbox = this.#mailbox;
    if (mailbox === undefined || !this.#state.redisUp) {
      const began = this.#tally.began();
      const value = this.#local(key);
      if (value === UNREADABLE && this.#archive?.read(new SingleReader(key, envelope, form, this.fallBack)))
        return;
      const degraded = this.#isDegraded(value);
      const stale = value === UNREADABLE && (form === 'whole' || this.#state.keyEvents.active);
      if (stale || value instanceof Opening)
        this.#settle(new SingleReader(key, envelope, form, this.fallBack), value, 'memory', degraded);
      else {
        this.#count('get', key, 'memory', degraded, value !== UNREADABLE);
        reply(envelope, form, value, 'memory', degraded);
      }
      this.#tally.ended('get', began);
      return;
    }
    const { near } = this.#state;
    if (near !== undefined) {
      const began = this.#tally.began();
      const value = this.#near(near, key);
      if (value instanceof Opening) {
        this.#settle(new SingleReader(key, envelope, form, this.fallBack), value, 'memory', false);
        return;
      }
      if (value !== UNREADABLE) {
        this.#count('get', key, 'memory', false, true);
        reply(envelope, form, value, 'memory', false);
        this.#tally.ended('get', began);
        return;
      }
    }
    this.#ask(mailbox, new SingleReader(key, envelope, form, this.fallBack), envelope.trace);
  }

  /** `cache.getMany`. */
  many(envelope: Envelope, keys: readonly string[]): void {
    const many = new ManyReaders(keys, envelope, this.fallBack);
    if (keys.length === 0) many.finish();
    for (const reader of many.readers()) this.read(reader, envelope.trace);
  }

  /** Reads one key for whoever waits for it. */
  read(reader: Reader, trace: TraceContext | undefined): void {
    const mailbox = this.#mailbox;
    const { near, redisUp } = this.#state;
    if (mailbox === undefined || !redisUp) {
      this.#withoutRedis(reader);
      return;
    }
    const value = near === undefined ? UNREADABLE : this.#near(near, reader.key);
    if (value === UNREADABLE) this.#ask(mailbox, reader, trace);
    else this.#settle(reader, value, 'memory', false);
  }

  /** Redis did not answer, or there is none. */
  readonly #withoutRedis = (reader: Reader): void => {
    const value = this.#local(reader.key);
    reader.alone = this.#mailbox !== undefined;
    if (value === UNREADABLE && this.#archive?.read(reader)) return;
    this.#settle(reader, value, 'memory', this.#isDegraded(value));
  };

  /** What this process knows is all there is. */
  readonly #fromHere = (reader: Reader): void => {
    const value = this.#local(reader.key);
    this.#settle(reader, value, 'memory', this.#isDegraded(value));
  };

  /** Without Redis, who finds nothing may have found something in the durable tier. */
  #isDegraded(value: unknown): boolean {
    return this.#mailbox !== undefined || (value === UNREADABLE && this.#state.archive?.up === false);
  }

  /** Nobody can wait longer. */
  readonly fallBack = (reader: Reader, late = false): void => {
    const value = this.#local(reader.key);
    const tooLate = late && value instanceof Opening && !value.open;
    this.#settle(reader, tooLate ? UNREADABLE : value, 'memory', true);
  };

  /** Calls back with the value in a stored text. */
  open(key: string, stored: string, listener: (value: unknown) => void): void {
    this.#openings.when(this.#values.read(key, stored), listener);
  }

  readsAnswered(readers: readonly Reader[], stored: StoredTexts | undefined): void {
    const now = this.#state.time.now();
    const clearing = this.#state.journal.clearing() !== undefined;
    const { inUse } = this.#state.memory.markers;
    if (inUse) this.#markers?.learn(readers, stored);
    for (let index = 0; index < readers.length; index++) {
      const first = readers[index] as Reader;
      const text = stored?.[index];
      if (inUse && first instanceof MarkerReader) continue;
      if (text === undefined) eachReader(first, this.#withoutRedis);
      else this.#answered(first, clearing ? this.#uncleared(first.key, text) : text, now);
    }
  }

  archiveAnswered(first: Reader, found: Archived | undefined): void {
    const { memory, redisUp, time } = this.#state;
    const remote = this.#mailbox !== undefined;
    const asked = remote && redisUp && !first.alone;
    if (found === undefined) {
      if (asked) this.#tell(first, UNREADABLE, FROM_REDIS);
      else eachReader(first, this.#fromHere);
      return;
    }
    const { stored, tier } = found;
    const verdict = asked ? this.#verdict(first, stored, found) : memory.markers.verdict(first.key, stored);
    if (verdict === undefined) return;
    const now = time.now();
    const value = memory.refresh(first.key, stored, now);
    this.#judged(first, { stored, value, verdict, now }, { tier, degraded: remote && !asked });
  }

  #answered(first: Reader, stored: string | null, now: number): void {
    if (stored === null) {
      // Before memory forgets what it knew of it.
      const asked = this.#archive?.read(first);
      this.#valueOf(first, stored, now);
      if (!asked) this.#tell(first, UNREADABLE, FROM_REDIS);
      return;
    }
    const verdict = this.#verdict(first, stored);
    if (verdict === undefined) return;
    const value = this.#valueOf(first, stored, now);
    if (verdict === 'good' && !isStale(stored, now) && !(value instanceof Opening))
      this.#tell(first, value, FROM_REDIS, stored);
    else this.#judged(first, { stored, value, verdict, now }, FROM_REDIS);
  }

  /** Something was found, which may be stale, or have been invalidated. */
  #judged(first: Reader, { stored, value, verdict, now }: Judged, from: Provenance): void {
    this.#openings.when(value, (opened) => {
      if (verdict === 'good' && !isStale(stored, now)) this.#tell(first, opened, from, stored);
      else if (verdict === 'invalidated' || !isKept(stored, now))
        eachReader(first, (reader) => this.#settleGone(reader, stored, from));
      else {
        const rich = this.#values.rich(first.key, stored);
        eachReader(first, (reader) => {
          const kept = { stored, value: this.#values.again(opened, rich) };
          this.#settleStale(reader, kept, from.tier, from.degraded);
        });
      }
    });
  }

  /** Tells all who wait for a key what there is. */
  #tell(first: Reader, value: unknown, { tier, degraded }: Provenance, stored = ''): void {
    const found = value !== UNREADABLE;
    this.#count(first.operation, first.key, tier, degraded, found);
    let reader = first.next;
    const rich = reader !== undefined && this.#values.rich(first.key, stored);
    while (reader !== undefined) {
      // A reader that is answered may be waiting for another key at once, so its link is taken before.
      const next: Reader | undefined = reader.next;
      reader.next = undefined;
      this.#count(reader.operation, reader.key, tier, degraded, found);
      // Each reader gets a value of its own.
      reader.answer(found ? this.#values.again(value, rich) : value, tier, degraded);
      reader = next;
    }
    first.next = undefined;
    first.answer(value, tier, degraded);
  }

  /** What its markers say of an entry; undefined where they must be heard of first, and it is answered then. */
  #verdict(first: Reader, stored: string, found?: Archived): Verdict | undefined {
    const { memory, time } = this.#state;
    const { markers } = memory;
    if (!markers.concern(stored)) return 'good';
    const { key, turn } = first;
    const dependence = markers.see(key, stored, first.expects);
    const verdict = dependence.judge(stored, turn);
    if (verdict === 'unheard') {
      eachReader(first, this.#withoutRedis);
      return undefined;
    }
    if (verdict !== 'unknown') return verdict;
    const again = (): void =>
      found === undefined ? this.#answered(first, stored, time.now()) : this.archiveAnswered(first, found);
    this.#markers?.whenKnown(dependence, again, turn);
    return undefined;
  }

  #valueOf({ key, asOf, heardOf }: Reader, stored: string | null, now: number): unknown {
    const { memory, near, time } = this.#state;
    const recency = this.#mailbox?.recency;
    const current = recency?.holds(key, asOf) ?? false;
    if (stored === null) {
      if (current) memory.absent(key);
      return UNREADABLE;
    }
    if (current) return memory.refresh(key, stored, now, near?.of(key, heardOf));
    const version = versionOf(stored);
    time.observe(version);
    // What was changed here meanwhile was something older: it was touched, say. Then this is still the newest that is known.
    if (version > memory.version(key) && recency?.wasReplaced(key, asOf) === false)
      memory.keep(key, stored, now);
    return this.#values.read(key, stored);
  }

  /** What memory may answer in place of Redis, or UNREADABLE. One reading of the clock serves both times. */
  #near(near: Near, key: string): unknown {
    const { journal, memory, time, keyWatch } = this.#state;
    const at = time.monotonic();
    if (at > near.until || !near.covers(key)) return UNREADABLE;
    // What waits for Redis is newer than what was read there.
    if (journal.size > 0 && (journal.clearing() !== undefined || journal.get(key) !== undefined))
      return UNREADABLE;
    const now = time.at(at);
    const value = memory.trusted(key, now, near.epoch);
    if (keyWatch !== undefined && value !== UNREADABLE) keyWatch.trusted(key, now);
    return value;
  }

  /** Answers from the journal or from what this turn changes, else asks Redis. */
  #ask(mailbox: Mailbox, reader: Reader, trace: TraceContext | undefined): void {
    const { key } = reader;
    reader.alone = false;
    reader.heardOf = this.#state.near?.order ?? 0;
    const journaled = this.#overlay(key);
    if (journaled !== undefined) {
      this.#settle(reader, journaled, 'memory', true);
      return;
    }
    const change = mailbox.pendingChange(key);
    if (change === undefined && mailbox.full) this.fallBack(reader);
    else if (change === undefined) {
      mailbox.read(reader, trace);
      if (this.#state.memory.markers.inUse) this.#markers?.foresee(reader);
    } else {
      const value = change.op === 'set' ? this.#known(key, change.stored) : UNREADABLE;
      this.#settle(reader, value, 'memory', false);
    }
  }

  /** The value of a text of ours that Redis has not got yet. */
  #known(key: string, stored: string): unknown {
    const { markers } = this.#state.memory;
    return markers.verdict(key, stored) === 'good' ? this.#values.read(key, stored) : UNREADABLE;
  }

  #count(operation: Operation, key: string, tier: TierName, degraded: boolean, found: boolean): void {
    this.#tally.count(operation, tier, found);
    if (this.#spaced) this.#tally.namespaces.count(key, tier, found);
    const { keyEvents } = this.#state;
    if (keyEvents.active) keyEvents.emit(found ? 'hit' : 'miss', { key, tier, degraded });
  }

  #countStale(operation: Operation, key: string, tier: TierName, degraded: boolean): void {
    this.#tally.count(operation, tier, false);
    if (this.#spaced) this.#tally.namespaces.count(key, tier, false);
    const { keyEvents } = this.#state;
    if (keyEvents.active) keyEvents.emit('stale', { key, tier, degraded });
  }

  /** What is past its time to be fresh is a miss to all but those who can use it. */
  #settleStale(reader: Reader, kept: Kept, tier: TierName, degraded: boolean): void {
    this.#countStale(reader.operation, reader.key, tier, degraded);
    if (reader.stale === undefined) reader.answer(UNREADABLE, tier, degraded);
    else reader.stale(kept, tier, degraded);
  }

  /** What was invalidated, or is over, is there and counts as nothing. */
  #settleGone(reader: Reader, stored: string, { tier, degraded }: Provenance): void {
    this.#count(reader.operation, reader.key, tier, degraded, false);
    reader.discount?.(stored);
    reader.answer(UNREADABLE, tier, degraded);
  }

  /** The same, where somebody can use it, or is told of it. */
  #staleFor(usable: boolean, key: string): string | undefined {
    return usable || this.#state.keyEvents.active ? this.#stale(key) : undefined;
  }

  /** The text of a key that this process may answer as stale. */
  #stale(key: string): string | undefined {
    const { journal, memory, time } = this.#state;
    const now = time.now();
    const write = journal.get(key);
    if (write?.op === 'delete') return undefined;
    const text = write?.op === 'set' ? write.stored : memory.kept(key, now);
    if (text === undefined || !isKept(text, now)) return undefined;
    const verdict = memory.markers.verdict(key, text);
    if (verdict === 'invalidated' || (verdict === 'good' && !isStale(text, now))) return undefined;
    return journal.clears(key, versionOf(text)) ? undefined : text;
  }

  #settle(reader: Reader, value: unknown, tier: TierName, degraded: boolean): void {
    if (value instanceof Opening) {
      this.#openings.when(value, (opened) => {
        if (reader.open) this.#settle(reader, opened, tier, degraded);
      });
      return;
    }
    const { key } = reader;
    const usable = reader.stale !== undefined;
    const stored = value === UNREADABLE ? this.#staleFor(usable, key) : undefined;
    if (stored === undefined) {
      this.#count(reader.operation, key, 'memory', degraded, value !== UNREADABLE);
      reader.answer(value, tier, degraded);
    } else if (!usable) this.#settleStale(reader, { stored, value: UNREADABLE }, tier, degraded);
    else this.open(key, stored, (kept) => this.#settleStale(reader, { stored, value: kept }, tier, degraded));
  }

  /** What this process knows: the journal first, for memory may have evicted what Redis has not got yet. */
  #local(key: string): unknown {
    return this.#overlay(key) ?? this.#state.memory.find(key, this.#state.time.now());
  }

  /** What the journal says of a key, for that is newer than what Redis would answer; undefined when it says nothing. */
  #overlay(key: string): unknown {
    const { journal, memory, time } = this.#state;
    if (journal.size === 0) return undefined;
    const write = journal.get(key);
    // A later change may be on its way to Redis: what is asked now goes after it.
    if (write === undefined || memory.version(key) > write.version) return undefined;
    if (write.op === 'delete') return UNREADABLE;
    const now = time.now();
    // What it builds on came from a dead process, and memory knows something later: what that led to counts.
    if (memory.version(key) > basisOf(write)) return memory.find(key, now);
    if (write.op === 'set')
      return (freshOf(write.stored) ?? now) > now ? this.#known(key, write.stored) : UNREADABLE;
    // What a touch or an increment led to is known to Redis only, unless memory knows it.
    const value = memory.find(key, now);
    return value === UNREADABLE ? undefined : value;
  }

  /** An invalidation that Redis has not carried out yet hides what is older. */
  #uncleared(key: string, stored: string | null): string | null {
    const { journal } = this.#state;
    if (stored === null || journal.clearing() === undefined) return stored;
    return journal.clears(key, versionOf(stored)) ? null : stored;
  }
}

/** Whether it may be answered as stale: it has grace, and that is not over. */
function isKept(stored: string, now: number): boolean {
  return graceOf(stored) > 0 && (expiryOf(stored) ?? now) > now;
}

/** The version of what a change builds on, as far as the journal knows. */
function basisOf(write: Write): string {
  return write.op === 'set' ? (write.origin?.base.version ?? write.version) : write.version;
}

/** A reader that is answered may be waiting for another key at once, so its link is taken before. */
function eachReader(first: Reader, answer: (reader: Reader) => void): void {
  let reader: Reader | undefined = first;
  while (reader !== undefined) {
    const next: Reader | undefined = reader.next;
    reader.next = undefined;
    answer(reader);
    reader = next;
  }
}
