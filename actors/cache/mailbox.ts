import type { ActorRef } from '../../src/runtime/actor-ref.ts';
import type { Crash } from '../../src/runtime/behaviour.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type { TraceContext } from '../../src/runtime/envelope.ts';
import type { Tracing } from '../../src/telemetry/port.ts';
import type { Outcome, Write } from '../../src/tiers/tier.ts';
import { Group, type QueuedWrite } from './group.ts';
import { LeaseBatch, type LeasesHost, partsOf, type QueuedLease } from './lease-batch.ts';
import { Outbox } from './outbox.ts';
import { ReadBatch, type ReadsHost, type StoredTexts } from './read-batch.ts';
import type { Reader } from './reader.ts';
import type { Receipts } from './receipts.ts';
import { Recency } from './recency.ts';
import type { Tally } from './tally.ts';
import { changesOf, WriteBatch, type WritesHost } from './write-batch.ts';

export interface MailboxOptions {
  readonly maxKeys: number;
  readonly maxBytes: number;
  readonly maxInFlight: number;
}

/** Whoever handles the answers. */
export interface MailboxOwner {
  /** The first reader of each key of a batch, and what Redis answered, if it did. */
  readsAnswered(readers: readonly Reader[], stored: StoredTexts | undefined): void;
}

/** What a mailbox works with. */
export interface MailboxParts extends MailboxOptions {
  /** Most operations that may wait for Redis. */
  readonly capacity: number;
  readonly receipts: Receipts;
  readonly breaker: ActorRef;
  readonly tracing: Tracing;
  readonly clock: Clock;
  readonly tally: Tally;
  readonly crash: Crash;
  /** Where the groups are numbered: a restarted mailbox goes on counting. */
  readonly turns: { turn: number };
}

/**
 * Gathers what needs Redis for the rest of the turn, then sends it as batches: several of bounded size in flight, so that
 * client and server overlap, and everything in the order it came where order can be seen.
 */
export class Mailbox implements ReadsHost, WritesHost, LeasesHost {
  readonly receipts: Receipts;
  readonly #options: MailboxOptions & { readonly capacity: number };
  readonly #outbox: Outbox;
  readonly #owner: MailboxOwner;
  readonly #tracing: Tracing;
  readonly #clock: Clock;
  readonly #tally: Tally;
  readonly #turns: { turn: number };
  readonly recency = new Recency();
  #groups: Group[] = [];
  #scheduled = false;
  #waiting = 0;
  /** Characters of an average stored text, to bound batches of reads by bytes too. */
  #averageLength = 0;
  /** Batches of changes whose outcome is not known. */
  readonly #writesOut = new Set<WriteBatch>();
  #idle: (() => void)[] = [];

  constructor(
    owner: MailboxOwner,
    { receipts, breaker, tracing, clock, tally, crash, turns, ...options }: MailboxParts,
  ) {
    this.receipts = receipts;
    this.#outbox = new Outbox(breaker, crash, options.maxInFlight, () => this.#fill());
    this.#owner = owner;
    this.#tracing = tracing;
    this.#clock = clock;
    this.#tally = tally;
    this.#turns = turns;
    this.#options = options;
  }

  /** Operations that were gathered and not answered. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Of what is gathered now, in the order of the groups. */
  get turn(): number {
    return this.#groups.at(-1)?.turn ?? this.#turns.turn + 1;
  }

  /** Whether so much waits that more would wait in vain: Redis is slower than the load. */
  get full(): boolean {
    return this.#waiting >= this.#options.capacity;
  }

  /** Whether a batch would go out at once, and would keep none of a caller waiting. */
  get atEase(): boolean {
    return this.#outbox.room && !this.full;
  }

  /** The change that this turn makes to a key, when a read can be answered from it. */
  pendingChange(key: string): Extract<Write, { op: 'set' | 'delete' }> | undefined {
    const group = this.#groups.at(-1);
    if (group === undefined || group.writes.length === 0) return undefined;
    const write = group.changeOf(key);
    if (write === undefined || write.op === 'set' || write.op === 'delete') return write;
    // What it leads to is known to Redis only: the read goes after it.
    this.#open();
    return undefined;
  }

  /** The changes of a key whose outcome is not known, in their order. Looks through all of them: not for every day. */
  unsettled(key: string): Write[] {
    if (this.#waiting === 0) return [];
    const out = [...this.#writesOut].flatMap((batch) => batch.changesOf(key));
    return out.concat(this.#groups.flatMap((group) => changesOf(key, group.writes)));
  }

  read(reader: Reader, trace: TraceContext | undefined): void {
    const group = this.#group();
    if (trace !== undefined) group.trace(reader, trace);
    reader.turn = group.turn;
    if (!group.read(reader)) return;
    reader.asOf = this.recency.readBegins();
    this.#waiting++;
  }

  write(queued: QueuedWrite, trace: TraceContext | undefined): void {
    const group = this.#group();
    if (trace !== undefined) group.trace(queued, trace);
    group.write(queued);
    this.#waiting++;
  }

  lease(queued: QueuedLease, trace: TraceContext | undefined): void {
    const group = this.#group();
    if (trace !== undefined) group.trace(queued, trace);
    group.leases.push(queued);
    this.#waiting++;
  }

  /** Resolves when all that was gathered so far is on its way, and so before whatever is sent from then on. */
  sent(): Promise<void> {
    return new Promise((resolve) => {
      const last = this.#groups.at(-1);
      if (last !== undefined) last.onSent.push(resolve);
      else this.#mark(resolve);
      this.#outbox.send();
    });
  }

  /** Calls back when everything before it has been sent. */
  #mark(reached: () => void): void {
    const nothing = (): void => {};
    const compose = (): undefined => {
      reached();
    };
    this.#outbox.add({ trace: undefined, compose, answered: nothing, failed: nothing });
  }

  /** Sends nothing more: what waits is asked again of the next incarnation. */
  stop(): void {
    this.#groups = [];
    this.#outbox.stop();
  }

  /** Resolves when nothing waits any more. */
  idle(): Promise<void> {
    return this.#waiting === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  #group(): Group {
    let group = this.#groups.at(-1);
    if (group === undefined) {
      group = this.#open();
    }
    if (!this.#scheduled) {
      this.#scheduled = true;
      // After the microtasks of this turn: all callers that one reply woke have asked their next by then.
      process.nextTick(this.#flush);
    }
    return group;
  }

  #open(): Group {
    const group = new Group(this.#clock.monotonic(), ++this.#turns.turn);
    this.#groups.push(group);
    return group;
  }

  readonly #flush = (): void => {
    this.#scheduled = false;
    this.#fill();
  };

  /** While everything allowed is in flight, the groups go on gathering: slower answers make larger batches. */
  #fill(): void {
    if (this.#scheduled) return;
    while (this.#outbox.room) {
      const group = this.#groups.shift();
      if (group === undefined) break;
      if (group.reads.size > 0) this.#batchReads(group);
      if (group.writes.length > 0) this.#batchWrites(group);
      if (group.leases.length > 0) this.#batchLeases(group);
      for (const resolve of group.onSent) this.#mark(resolve);
      this.#outbox.send();
    }
  }

  /** Keys of one batch of reads, as far as can be told from how long the texts were that came last. */
  get fitting(): number {
    const { maxKeys, maxBytes } = this.#options;
    const fitting = this.#averageLength === 0 ? maxKeys : Math.floor(maxBytes / this.#averageLength);
    return Math.max(1, Math.min(maxKeys, fitting));
  }

  #batchReads(group: Group): void {
    const readers = [...group.reads.values()];
    const { began } = group;
    const size = this.fitting;
    for (let from = 0; from < readers.length; from += size) {
      const part = readers.length <= size ? readers : readers.slice(from, from + size);
      this.#outbox.add(new ReadBatch(this, part, began, this.#tracing.join(group.tracesOf(part))));
    }
  }

  dropped(count: number): void {
    if (count === 0) return;
    this.recency.readsEnd(count);
    this.#done(count);
  }

  readsDone(readers: readonly Reader[], began: number, stored: StoredTexts | undefined): void {
    this.#owner.readsAnswered(readers, stored);
    this.#tally.duration('get', this.#clock.monotonic() - began, readers.length);
    this.recency.readsEnd(readers.length);
    this.#done(readers.length);
    if (stored === undefined) return;
    let length = 0;
    for (const text of stored) if (typeof text === 'string') length += text.length;
    this.#averageLength += (length / readers.length - this.#averageLength) / 8;
  }

  #batchWrites(group: Group): void {
    const { maxKeys, maxBytes } = this.#options;
    let part: QueuedWrite[] = [];
    let bytes = 0;
    for (const queued of group.writes) {
      const length = queued.write.op === 'set' ? queued.write.stored.length : 0;
      // Who waits for replicas holds up nobody else.
      const parts = part[0] !== undefined && part[0].wait > 0 !== queued.wait > 0;
      if (parts || part.length >= maxKeys || (part.length > 0 && bytes + length > maxBytes)) {
        this.#pushWrites(part, group);
        part = [];
        bytes = 0;
      }
      part.push(queued);
      bytes += length;
    }
    this.#pushWrites(part, group);
  }

  #pushWrites(part: readonly QueuedWrite[], group: Group): void {
    const batch = new WriteBatch(this, part, group.began, this.#tracing.join(group.tracesOf(part)));
    this.#writesOut.add(batch);
    this.#outbox.add(batch);
  }

  writesDropped(batch: WriteBatch, count: number): void {
    this.#done(count);
    if (batch.size === 0) this.#writesOut.delete(batch);
  }

  writesDone(
    batch: WriteBatch,
    sent: readonly QueuedWrite[],
    began: number,
    outcomes: (index: number) => Outcome,
  ): void {
    const took = this.#clock.monotonic() - began;
    this.#writesOut.delete(batch);
    let alike = 0;
    for (let index = 0; index < sent.length; index++) {
      const queued = sent[index] as QueuedWrite;
      alike++;
      if (sent[index + 1]?.write.op !== queued.write.op) {
        this.#tally.duration(queued.write.op, took, alike);
        alike = 0;
      }
      queued.settle(outcomes(index));
    }
    this.#done(sent.length);
  }

  #batchLeases(group: Group): void {
    for (const part of partsOf(group.leases, this.#options))
      this.#outbox.add(new LeaseBatch(this, part, this.#tracing.join(group.tracesOf(part))));
  }

  leasesDone(count: number): void {
    this.#done(count);
  }

  #done(count: number): void {
    if (count === 0) return;
    this.#waiting -= count;
    if (this.#waiting > 0) return;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }
}
