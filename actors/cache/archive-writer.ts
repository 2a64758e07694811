import type { ActorRef } from '../../src/runtime/actor-ref.ts';
import { type BackoffOptions, backoff } from '../../src/runtime/backoff.ts';
import type { Clock, Timer } from '../../src/runtime/clock.ts';
import { isRefused } from '../../src/tiers/sql-failures.ts';
import type { Outcome, Write } from '../../src/tiers/tier.ts';
import { expiryOf, versionOf } from '../../src/wire/stored.ts';
import type { ArchiveMessage } from '../archive/messages.ts';
import type { CircuitBreakerMessage } from '../circuit-breaker/messages.ts';
import { type Archive, type Ask, asks } from './archive.ts';
import type { Pending } from './archive-backlog.ts';
import type { StoredTexts } from './read-batch.ts';
import type { CacheState } from './state.ts';

/** Bounds of one batch. What is left over goes with the next. */
const MOST_CHANGES = 256;
const MOST_CHARACTERS = 1_048_576;
/** Between attempts while the durable tier fails although its breaker is closed. */
const RETRY: BackoffOptions = { min: 50, max: 10_000 };

export interface ArchiveWriterParts {
  readonly state: CacheState;
  readonly archive: Archive;
  readonly ref: ActorRef;
  /** The way to Redis, where there is one. */
  readonly breaker: ActorRef | undefined;
  readonly clock: Clock;
}

/** One change as it goes. */
interface Prepared {
  readonly pending: Pending;
  readonly write: Write;
}

/**
 * Brings accepted changes to the durable tier: clearings, then deletions, then the rest, one batch at a time, each change only
 * where there is nothing newer. While one batch is under way the next changes gather.
 */
export class ArchiveWriter {
  readonly #parts: ArchiveWriterParts;
  readonly #askArchive: Ask<ArchiveMessage>;
  readonly #askRedis: Ask<CircuitBreakerMessage> | undefined;
  #running = false;
  #stopped = false;
  #failures = 0;
  #timer: Timer | undefined;
  #settled: (() => void)[] = [];

  constructor(parts: ArchiveWriterParts) {
    this.#parts = parts;
    this.#askArchive = asks(parts.ref);
    this.#askRedis = parts.breaker && asks(parts.breaker);
    parts.archive.onPending = this.kick;
  }

  /** Starts, unless it runs already or there is nothing to do. */
  readonly kick = (): void => {
    const { archive, clock } = this.#parts;
    if (this.#running || this.#stopped || !archive.up || archive.backlog.size === 0) return;
    clock.clearTimeout(this.#timer);
    this.#running = true;
    void this.#run();
  };

  /** Resolves when there is nothing to bring, or nowhere to. */
  settled(): Promise<void> {
    this.kick();
    return this.#running ? new Promise((resolve) => this.#settled.push(resolve)) : Promise.resolve();
  }

  stop(): void {
    this.#stopped = true;
    this.#parts.clock.clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    const { archive, clock } = this.#parts;
    try {
      // What comes in the same turn goes with it.
      await new Promise((resolve) => setImmediate(resolve));
      while (!this.#stopped && archive.up && archive.backlog.size > 0) {
        await this.#step();
        this.#failures = 0;
        archive.slow = false;
      }
    } catch {
      archive.slow = true;
      if (!this.#stopped) this.#timer = clock.setTimeout(this.kick, backoff(this.#failures++, RETRY));
    }
    this.#running = false;
    if (archive.slow || !archive.up) archive.backlog.giveUpWaiting();
    for (const resolve of this.#settled.splice(0)) resolve();
  }

  async #step(): Promise<void> {
    const { backlog } = this.#parts.archive;
    const clearing = backlog.clearing();
    if (clearing === undefined) await this.#bring(await this.#prepared(this.#batch()));
    else {
      await this.#askArchive({ type: 'archive.clear', ...clearing });
      backlog.confirmClearing(clearing.prefix, clearing.version);
    }
  }

  #batch(): Pending[] {
    const batch: Pending[] = [];
    let characters = 0;
    for (const pending of this.#parts.archive.backlog.next(MOST_CHANGES)) {
      batch.push(pending);
      characters += pending.op === 'set' ? pending.stored.length : 0;
      if (characters > MOST_CHARACTERS) break;
    }
    return batch;
  }

  /** What relative changes have led to is in Redis; while that is out, this process knows best. */
  async #prepared(batch: readonly Pending[]): Promise<Prepared[]> {
    const { state } = this.#parts;
    const keys = batch.filter(({ op }) => op === 'look').map(({ key }) => key);
    const texts = await this.#look(keys);
    const known = new Map(keys.map((key, at) => [key, texts[at]]));
    const now = state.time.now();
    return batch.map((pending) => {
      if (pending.op === 'delete' || pending.op === 'mark') return { pending, write: pending };
      const { key, version } = pending;
      const stored = pending.op === 'set' ? pending.stored : known.get(key);
      const expires = typeof stored === 'string' ? (expiryOf(stored) ?? 0) : 0;
      // Nothing is left of it, but there may be something older.
      if (typeof stored !== 'string' || expires <= now)
        return { pending, write: { op: 'delete', key, version } };
      return { pending, write: { op: 'set', key, version: versionOf(stored), ttl: expires - now, stored } };
    });
  }

  async #look(keys: readonly string[]): Promise<StoredTexts> {
    const { memory, time, redisUp } = this.#parts.state;
    if (keys.length === 0) return [];
    if (this.#askRedis !== undefined && redisUp)
      return this.#askRedis<StoredTexts>({ type: 'circuit-breaker.read', keys });
    return keys.map((key) => memory.kept(key, time.now()));
  }

  async #bring(prepared: readonly Prepared[]): Promise<void> {
    const { archive } = this.#parts;
    const writes = prepared.map(({ write }) => write);
    let outcomes: readonly Outcome[];
    try {
      outcomes = await this.#askArchive<readonly Outcome[]>({ type: 'archive.replay', writes });
    } catch (error) {
      if (!isRefused(error)) throw error;
      if (prepared.length > 1) for (const each of prepared) await this.#bring([each]);
      else {
        // It cannot hold this key, and so holds nothing older of it.
        archive.refused++;
        for (const { pending } of prepared) archive.backlog.confirm(pending);
      }
      return;
    }
    for (const [at, { pending }] of prepared.entries())
      if (outcomes[at]?.status !== 'failed') archive.backlog.confirm(pending);
    if (outcomes.some(({ status }) => status === 'failed')) throw new Error('some changes could not be made');
  }
}
