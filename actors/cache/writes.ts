import type { Envelope, Lateness, TraceContext } from '../../src/runtime/envelope.ts';
import { isUnderstudyError } from '../../src/runtime/errors.ts';
import type { Outcome, Write } from '../../src/tiers/tier.ts';
import { encodeStored, freshOf } from '../../src/wire/stored.ts';
import { notANumber } from './fold.ts';
import type { QueuedWrite } from './group.ts';
import type { Mailbox } from './mailbox.ts';
import type { Accepted } from './messages.ts';
import type { CacheState } from './state.ts';
import type { Tally } from './tally.ts';

/** Whoever made a change. Told once: how it was accepted, or why it was not. */
export interface Writer {
  /** `existed` for a delete or touch, `value` for an increment. */
  accepted(accepted: Accepted, existed: boolean, value: number): void;
  refused(error: unknown): void;
}

/** Told of every change before it is acknowledged. */
export type ChangeListener = (write: Write) => void;

/** Takes changes in: to memory at once, to Redis in a batch, to the journal when Redis did not confirm. */
export class Writes {
  readonly #state: CacheState;
  readonly #tally: Tally;
  readonly #foreignTtl: number;
  readonly #onChange: ChangeListener;
  #mailbox: Mailbox | undefined;
  #onJournaled: () => void = () => {};

  constructor(state: CacheState, tally: Tally, foreignTtl: number, onChange: ChangeListener) {
    this.#state = state;
    this.#tally = tally;
    this.#foreignTtl = foreignTtl;
    this.#onChange = onChange;
  }

  attach(mailbox: Mailbox, onJournaled: () => void): void {
    this.#mailbox = mailbox;
    this.#onJournaled = onJournaled;
  }

  set(key: string, json: string, ttl: number): Write {
    const now = this.#state.time.now();
    const version = this.#state.time.next(now);
    return { op: 'set', key, version, ttl, stored: encodeStored(version, now, now + ttl, json) };
  }

  delete(key: string): Write {
    return { op: 'delete', key, version: this.#state.time.next() };
  }

  touch(key: string, ttl: number): Write {
    const now = this.#state.time.now();
    return { op: 'touch', key, version: this.#state.time.next(now), ttl, fresh: now + ttl };
  }

  increment(key: string, by: number, ttl: number): Write {
    const now = this.#state.time.now();
    return { op: 'increment', key, version: this.#state.time.next(now), ttl, fresh: now + ttl, by };
  }

  /** Takes one change in. The envelope, where there is one of its own, is answered within its deadline. */
  submit(write: Write, writer: Writer, trace: TraceContext | undefined): Lateness | undefined {
    const mailbox = this.#mailbox;
    this.#onChange(write);
    mailbox?.recency.changed(write.key);
    if (mailbox === undefined) {
      const outcome = this.#state.memory.apply(write);
      if (outcome.status === 'not-a-number') writer.refused(notANumber());
      else this.#accept(write, outcome, writer, 'memory', false);
      return undefined;
    }
    const { journal } = this.#state;
    const relative = write.op === 'touch' || write.op === 'increment';
    // A relative change of what the journal holds must come after it, so it joins it there.
    if (!this.#state.redisUp || (relative && journal.get(write.key) !== undefined)) {
      this.#keep(write, writer);
      return undefined;
    }
    // Superseded either way: by this change in Redis, or by this change in the journal.
    if (!relative) journal.drop(write.key);
    if (write.op !== 'increment') this.#state.memory.apply(write);
    const sent = new SentWrite(write, writer, this);
    mailbox.write(sent, trace);
    return sent;
  }

  /** Redis has told how a change ended. */
  ended(sent: SentWrite, outcome: Outcome): void {
    const { write, writer } = sent;
    if (sent.overdue) {
      if (outcome.status === 'done') this.#state.journal.confirm(write);
      return;
    }
    if (outcome.status === 'failed') {
      this.#keep(write, writer);
    } else if (outcome.status === 'not-a-number') {
      writer.refused(notANumber());
    } else {
      if (write.op === 'increment' && outcome.status === 'done') this.#remember(write, outcome.value ?? 0);
      this.#accept(write, outcome, writer, 'redis', false);
    }
  }

  /** Nobody can wait longer for Redis: the change is kept, and Redis is told again later. */
  late(sent: SentWrite): void {
    this.#keep(sent.write, sent.writer);
  }

  /** Applies a change in memory and journals it; unless a later one of the same key came while this one was out. */
  #keep(write: Write, writer: Writer): void {
    const { memory, journal } = this.#state;
    try {
      const outcome = memory.applyLate(write);
      if (outcome.status === 'not-a-number') {
        writer.refused(notANumber());
        return;
      }
      if (outcome.status !== 'superseded') journal.add(write);
      this.#accept(write, outcome, writer, 'memory', true);
      this.#onJournaled();
    } catch (error) {
      if (!isUnderstudyError(error)) throw error;
      // Refused: what memory holds of it must not be answered.
      memory.forget(write.key);
      writer.refused(error);
    }
  }

  #accept(write: Write, outcome: Outcome, writer: Writer, tier: 'memory' | 'redis', degraded: boolean): void {
    const durable = tier === 'redis';
    this.#tally.count(write.op, tier, durable);
    const done = outcome.status === 'done' ? outcome : undefined;
    const accepted = { tier, degraded, durable, version: write.version };
    writer.accepted(accepted, done?.existed ?? false, done?.value ?? 0);
  }

  /** Redis told the sum. How long it has to live is known only if memory knew it before. */
  #remember(write: Extract<Write, { op: 'increment' }>, sum: number): void {
    const { memory, time } = this.#state;
    const now = time.now();
    const known = freshOf(memory.stored(write.key, now) ?? '');
    const fresh = known ?? now + Math.min(write.ttl, this.#foreignTtl);
    memory.keep(write.key, encodeStored(write.version, now, fresh, String(sum)), now);
  }
}

/** A change on its way to Redis. */
class SentWrite implements QueuedWrite, Lateness {
  readonly write: Write;
  readonly writer: Writer;
  /** Its maker was answered at the deadline, before Redis was heard of. */
  overdue = false;
  #settled = false;
  readonly #writes: Writes;

  constructor(write: Write, writer: Writer, writes: Writes) {
    this.write = write;
    this.writer = writer;
    this.#writes = writes;
  }

  settle(outcome: Outcome): void {
    this.#settled = true;
    this.#writes.ended(this, outcome);
  }

  late(): void {
    if (this.#settled || this.overdue) return;
    this.overdue = true;
    this.#writes.late(this);
  }
}

/** How the answer to one change is put. */
export type Shape = (accepted: Accepted, existed: boolean, value: number) => object;

/** Answers one envelope for one change. */
export class SingleWriter implements Writer {
  readonly #envelope: Envelope;
  readonly #shape: Shape;

  constructor(envelope: Envelope, shape: Shape) {
    this.#envelope = envelope;
    this.#shape = shape;
  }

  accepted(accepted: Accepted, existed: boolean, value: number): void {
    this.#envelope.reply(this.#shape(accepted, existed, value));
  }

  refused(error: unknown): void {
    this.#envelope.fail(error);
  }
}

/** How the answer to many changes is put; `existed` counts. */
export type ManyShape = (accepted: Accepted, existed: number) => object;

/** Answers one envelope for many changes: as safe as the least safe of them. */
export class ManyWriters implements Writer {
  readonly #envelope: Envelope;
  readonly #shape: ManyShape;
  #left: number;
  #existed = 0;
  #least: Accepted | undefined;

  constructor(count: number, envelope: Envelope, shape: ManyShape) {
    this.#left = count;
    this.#envelope = envelope;
    this.#shape = shape;
  }

  accepted(accepted: Accepted, existed: boolean): void {
    if (existed) this.#existed++;
    if (this.#least === undefined || !accepted.durable) this.#least = accepted;
    if (--this.#left === 0) this.#envelope.reply(this.#shape(this.#least, this.#existed));
  }

  refused(error: unknown): void {
    this.#envelope.fail(error);
  }
}
