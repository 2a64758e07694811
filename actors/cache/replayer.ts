import type { ActorRef } from '../../src/runtime/actor-ref.ts';
import { type BackoffOptions, backoff } from '../../src/runtime/backoff.ts';
import type { Crash } from '../../src/runtime/behaviour.ts';
import type { Clock, Timer } from '../../src/runtime/clock.ts';
import type { EventBus } from '../../src/runtime/events.ts';
import { failureKind } from '../../src/tiers/redis/failures.ts';
import type { Outcome, ScanPage, Write } from '../../src/tiers/tier.ts';
import { instanceOf } from '../../src/wire/hybrid-clock.ts';
import { expiryOf, freshOf, restamped, versionOf } from '../../src/wire/stored.ts';
import type { CircuitBreakerMessage } from '../circuit-breaker/messages.ts';
import type { Clearing } from './journal.ts';
import type { Mailbox } from './mailbox.ts';
import type { StoredTexts } from './read-batch.ts';
import { relearn } from './relearn.ts';
import type { CacheState } from './state.ts';

/** Changes in one batch of a replay. */
const BATCH = 64;
/**
 * Milliseconds between two batches, so that the traffic of the day keeps its latency: as long as the one before took,
 * so that at most half of the time belongs to the replay, within these bounds.
 */
const PACE = { min: 1, max: 50 };
/** Between attempts while Redis fails although its breaker is closed. */
const RETRY: BackoffOptions = { min: 50, max: 1_000 };

export interface ReplayerParts {
  readonly state: CacheState;
  readonly breaker: ActorRef;
  readonly mailbox: Mailbox;
  readonly clock: Clock;
  readonly events: EventBus;
  readonly crash: Crash;
}

/**
 * Brings the journal to Redis: invalidations, then deletions, then the rest, a batch at a time, each change only where
 * Redis holds nothing newer. An entry leaves the journal when Redis has confirmed it and not before. One that Redis
 * refuses although it is well holds nobody up: it is set aside, and offered again later.
 */
export class Replayer {
  readonly #state: CacheState;
  readonly #breaker: ActorRef;
  readonly #mailbox: Mailbox;
  readonly #clock: Clock;
  readonly #events: EventBus;
  readonly #crash: Crash;
  #running = false;
  #stopped = false;
  #failures = 0;
  #timer: Timer | undefined;
  #waiting: (() => void)[] = [];
  readonly #clearWaiters = new Set<ClearWaiter>();

  constructor({ state, breaker, mailbox, clock, events, crash }: ReplayerParts) {
    this.#state = state;
    this.#breaker = breaker;
    this.#mailbox = mailbox;
    this.#clock = clock;
    this.#events = events;
    this.#crash = crash;
  }

  /** Tells how many keys were deleted when everything that the clearing covers is. Returns what ends the waiting. */
  whenCleared(clearing: Clearing, done: (deleted: number) => void): () => void {
    const waiter = { ...clearing, done };
    this.#clearWaiters.add(waiter);
    return () => this.#clearWaiters.delete(waiter);
  }

  /** Starts, unless it runs already or there is nothing to do. */
  kick(): void {
    if (this.#running || this.#stopped || !this.#state.redisUp) return;
    if (this.#state.journal.size === 0) {
      this.#reportFailover();
      return;
    }
    this.#clock.clearTimeout(this.#timer);
    if (!this.#due()) {
      this.#later();
      return;
    }
    this.#running = true;
    void this.#run();
  }

  /** Resolves when there is nothing to replay, or nowhere to. */
  settled(): Promise<void> {
    this.kick();
    return this.#running ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve();
  }

  stop(): void {
    this.#stopped = true;
    this.#clock.clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    const { journal } = this.#state;
    const before = { applied: journal.replayed, superseded: journal.superseded };
    try {
      while (!this.#stopped && this.#state.redisUp && this.#due()) {
        const began = this.#clock.monotonic();
        await this.#step();
        this.#failures = 0;
        const took = this.#clock.monotonic() - began;
        const pause = Math.max(PACE.min, Math.min(PACE.max, took));
        await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, pause));
      }
      this.#running = false;
      this.#later();
    } catch (error) {
      this.#running = false;
      if (error instanceof Interrupted) this.#retry();
      else this.#crash(error);
    }
    this.#events.publish({
      type: 'journal.replayed',
      applied: journal.replayed - before.applied,
      superseded: journal.superseded - before.superseded,
      remaining: journal.size,
      aside: journal.aside.size,
    });
    if (journal.size === 0) this.#reportFailover();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #reportFailover(): void {
    const reasserted = this.#state.reassertion?.report();
    if (reasserted !== undefined) this.#events.publish({ type: 'redis.reasserted', ...reasserted });
  }

  #retry(): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.setTimeout(() => this.kick(), backoff(this.#failures++, RETRY));
  }

  /** Whether there is something to replay now; what was set aside has its time. */
  #due(): boolean {
    return this.#state.journal.due(this.#clock.monotonic());
  }

  #later(): void {
    const { next } = this.#state.journal.aside;
    if (next === undefined || this.#stopped) return;
    this.#timer = this.#clock.setTimeout(() => this.kick(), Math.max(1, next - this.#clock.monotonic()));
  }

  async #step(): Promise<void> {
    const { journal, time, reassertion } = this.#state;
    const clearing = journal.clearing();
    const candidates = clearing === undefined ? journal.next(BATCH, this.#clock.monotonic()) : [];
    // What was accepted before these must be in Redis before: it is made there without a look at versions. What has come
    // into the journal meanwhile waits for the next step, as what was accepted before that may not have been sent.
    await this.#mailbox.sent();
    if (clearing !== undefined) {
      if (journal.clearing() === clearing) await this.#clear(clearing);
      return;
    }
    const writes = candidates.filter((write) => journal.get(write.key) === write);
    if (writes.length === 0) return;
    const now = time.now();
    const sent = writes.map((write) => asSent(write, now));
    const outcomes = await this.#replay(sent.flat());
    let failed = false;
    const unknown: string[] = [];
    let next = 0;
    for (const [index, write] of writes.entries()) {
      const parts = sent[index]?.length ?? 0;
      const outcome = ofAll(outcomes.slice(next, next + parts));
      next += parts;
      const status = outcome?.status;
      if (outcome !== undefined) reassertion?.settled(write, outcome);
      if (isRefused(outcome)) {
        // A change that came meanwhile is offered at once.
        if (journal.get(write.key) === write) journal.aside.add(write.key, this.#clock.monotonic());
      } else if (status === 'done') {
        journal.confirm(write);
        reassertion?.acknowledged(write);
        // A dead process may have left it, or only Redis knows what it has led to.
        this.#state.archive?.changed(write);
        // What a relative change led to is known to Redis only.
        if (parts > 1 || write.op === 'increment' || write.op === 'touch') unknown.push(write.key);
      } else if (status === 'failed' || status === undefined) failed = true;
      else {
        journal.confirm(write, true);
        // Redis holds something newer than memory does.
        unknown.push(write.key);
      }
    }
    await relearn(this.#state, this.#mailbox.recency, unknown, (keys) =>
      this.#ask({ type: 'circuit-breaker.read', keys }),
    );
    if (failed) throw new Interrupted();
  }

  async #clear(clearing: Clearing): Promise<void> {
    const { prefix, version, collapsed } = clearing;
    const spared = collapsed ? this.#state.journal.authors() : undefined;
    await this.#ask({ type: 'circuit-breaker.clear', prefix, version, spared });
    // What a dead process left, or deletions of which nobody knows any more which they were.
    if (collapsed || instanceOf(version) !== this.#state.time.instance)
      this.#state.archive?.clear(prefix, version);
    const deleted = await this.#clearKeys(clearing, false);
    // Nothing is there yet of what is being loaded: what is left behind says that it must not be stored.
    await this.#clearKeys(clearing, true);
    this.#state.journal.confirmClearing(clearing);
    this.#state.reassertion?.cleared(clearing);
    // Too many were refused to remember them all: everything is to be cleared again, and not at once.
    if (this.#state.journal.clearing() !== undefined && this.#state.journal.aside.size > 0)
      throw new Interrupted();
    for (const waiter of [...this.#clearWaiters]) {
      // A wider or later clearing may have taken the place of the one that it waits for.
      if (!waiter.prefix.startsWith(clearing.prefix) || waiter.version > clearing.version) continue;
      this.#clearWaiters.delete(waiter);
      waiter.done(deleted);
    }
  }

  async #clearKeys(clearing: Clearing, leased: boolean): Promise<number> {
    let cursor: string | undefined;
    let deleted = 0;
    do {
      const page: ScanPage = await this.#ask({
        type: 'circuit-breaker.scan',
        prefix: clearing.prefix,
        cursor,
        count: 256,
        leased,
      });
      for (let from = 0; from < page.keys.length; from += BATCH) {
        // What is older and waits in the journal all the same is to outlive it, and must not meet its tombstone.
        const keys = page.keys.slice(from, from + BATCH).filter((key) => !this.#replaces(key, clearing));
        const writes = await this.#deletions(keys, clearing);
        // Of other instances, by whose clocks they came later.
        for (const write of writes) if (write.version > clearing.version) this.#state.archive?.changed(write);
        const outcomes = await this.#replay(writes);
        for (const [at, write] of writes.entries()) if (isRefused(outcomes[at])) this.#postpone(write);
        if (outcomes.some((outcome) => outcome.status === 'failed' && !isRefused(outcome)))
          throw new Interrupted();
        deleted += outcomes.filter((outcome) => outcome.status === 'done').length;
      }
      cursor = page.cursor;
    } while (cursor !== undefined);
    return deleted;
  }

  /**
   * The deletions of a clearing. By version, what was written after it stays. The clocks of two instances differ a little,
   * though, and must not save what another instance wrote before: when the clearing is carried out as it is asked for,
   * only what this instance wrote after it stays.
   */
  async #deletions(keys: readonly string[], clearing: Clearing): Promise<Write[]> {
    const { version, prompt } = clearing;
    if (!prompt || keys.length === 0)
      return keys.map((key) => ({ op: 'delete', key, version: this.#clearedUntil(key, clearing) }));
    const read = this.#ask<StoredTexts>({ type: 'circuit-breaker.read', keys });
    const texts = await read.catch((interrupted: unknown): StoredTexts => {
      // One of them may not be read: then their versions have to do.
      if (refusalIn(interrupted) === undefined) throw interrupted;
      return [];
    });
    const { instance } = this.#state.time;
    return keys.map((key, at) => {
      const current = versionOf(texts[at] ?? '');
      // What waits here came after the clearing, and must not meet a later tombstone.
      const waits = this.#state.journal.get(key) !== undefined;
      const foreign = !waits && current > version && !current.endsWith(instance);
      return { op: 'delete', key, version: foreign ? current : version };
    });
  }

  #replaces(key: string, clearing: Clearing): boolean {
    const write = this.#state.journal.get(key);
    if (write === undefined) return false;
    const relative = write.op === 'touch' || write.op === 'increment';
    return write.version < (relative ? (clearing.since ?? clearing.version) : clearing.version);
  }

  /** A touch or an increment that came between deletions that found no room is to outlive them. */
  #clearedUntil(key: string, { version, since }: Clearing): string {
    const write = this.#state.journal.get(key);
    return since !== undefined && write !== undefined && write.version < version ? since : version;
  }

  /** A deletion of a clearing that Redis refuses does not hold up the others, nor what comes after the clearing. */
  #postpone(write: Write): void {
    const { journal } = this.#state;
    journal.add(write);
    if (journal.get(write.key) !== undefined) journal.aside.add(write.key, this.#clock.monotonic());
  }

  async #replay(writes: readonly Write[]): Promise<readonly Outcome[]> {
    if (writes.length === 0) return [];
    try {
      return await this.#ask<readonly Outcome[]>({ type: 'circuit-breaker.replay', writes });
    } catch (interrupted) {
      const error = refusalIn(interrupted);
      if (error === undefined) throw interrupted;
      return writes.map(() => ({ status: 'failed', error }));
    }
  }

  /** Redis not answering interrupts the replay; everything else is a defect. */
  #ask<Reply>(message: CircuitBreakerMessage): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#breaker.post(
        message,
        resolve as (reply: never) => void,
        (cause) => reject(new Interrupted({ cause })),
        {
          deadline: Infinity,
        },
      );
    });
  }
}

interface ClearWaiter extends Clearing {
  done(deleted: number): void;
}

class Interrupted extends Error {
  constructor(options?: ErrorOptions) {
    super('the replay was interrupted', options);
  }
}

/** What Redis said that is well and refuses, if that is why. */
function refusalIn(interrupted: unknown): Error | undefined {
  const cause = interrupted instanceof Interrupted ? interrupted.cause : undefined;
  const reason = cause instanceof Error ? cause.cause : undefined;
  return reason instanceof Error && failureKind(reason) === 'refused' ? reason : undefined;
}

const isRefused = (outcome: Outcome | undefined): boolean =>
  outcome?.status === 'failed' && failureKind(outcome.error) === 'refused';

/** One change, or the two that it was put together from. */
function asSent(write: Write, now: number): readonly Write[] {
  if (write.op !== 'set' || write.origin === undefined) return [asOf(write, now)];
  const { base, after } = write.origin;
  const fresh = freshOf(write.stored) ?? now;
  if ((expiryOf(write.stored) ?? now) <= now) {
    // It is over, with what was added to it; not so what others have set since.
    const { key, version } = base;
    return [{ op: 'delete', key, version }, asOf('fresh' in after ? { ...after, fresh: now } : after, now)];
  }
  // It may have been touched since.
  const stored = base.op === 'set' ? restamped(base.stored, base.version, fresh) : undefined;
  return [base.op === 'set' && stored ? lastingSet(base, stored, now) : base, asOf(after, now)];
}

function lastingSet(base: Write & { op: 'set' }, stored: string, now: number): Write {
  return { ...base, stored, ttl: (expiryOf(stored) ?? now) - now };
}

/** How a change ended of which these are the parts: the last part tells, unless one failed. It was there if all were. */
function ofAll(outcomes: readonly Outcome[]): Outcome | undefined {
  const failed = outcomes.find(({ status }) => status === 'failed');
  const last = outcomes.at(-1);
  if (failed !== undefined || last?.status !== 'done' || last.existed !== true) return failed ?? last;
  return outcomes.find((outcome) => outcome.status === 'done' && outcome.existed !== true) ?? last;
}

/** A change as it must be made now. What has expired since must still not leave anything older behind. */
function asOf(write: Write, now: number): Write {
  if (write.op === 'delete' || write.op === 'mark') return write;
  const fresh = write.op === 'set' ? (expiryOf(write.stored) ?? now) : write.fresh;
  if (fresh > now) return { ...write, ttl: fresh - now };
  if (write.op === 'set') return { op: 'delete', key: write.key, version: write.version };
  return { ...write, ttl: write.op === 'touch' ? 1 : fresh - now };
}
