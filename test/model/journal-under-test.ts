import { expect } from 'vitest';
import { type Clearing, Journal, type JournalOptions } from '../../actors/cache/journal.ts';
import { isUnderstudyError } from '../../src/runtime/errors.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { MemoryTier } from '../../src/tiers/memory.ts';
import type { Outcome, Write } from '../../src/tiers/tier.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { freshOf, readValue } from '../../src/wire/stored.ts';
import { Changes } from '../tiers/changes.ts';
import type { JournalModel } from './journal-model.ts';

/** A change that went to Redis past the journal, and of which nobody knows yet how it ended. */
interface Direct {
  readonly write: Write;
  readonly made: boolean;
  readonly displaced: Write | undefined;
}

/** More than any change of these tests takes: what is refused though this was free was refused for nothing. */
const ROOM = 1_100;

/** A journal, the Redis that it is replayed to, and what is on its way there. */
export class JournalUnderTest {
  readonly clock = new VirtualClock();
  readonly time = new HybridClock(this.clock);
  readonly changes = new Changes(this.time);
  readonly redis: MemoryTier;
  readonly journal: Journal;
  readonly #options: JournalOptions;
  readonly #directs = new Map<string, Direct>();
  /** Changes that were replayed and whose answer is not here yet. */
  #flying: { write: Write; outcome: Outcome }[] = [];
  /** Changes that found no room when it was too late to refuse them. */

  constructor(options: JournalOptions) {
    this.#options = options;
    this.journal = new Journal(options, this.time);
    this.redis = new MemoryTier(
      { maxEntries: 1_000, maxBytes: 1e9, foreignTtl: 1, isolation: 'copy' },
      this.time,
    );
  }

  get now(): number {
    return this.time.now();
  }

  /** Whether a replay of this key has been sent and not answered. */
  flies(key: string): boolean {
    return this.#flying.some(({ write }) => write.key === key);
  }

  isDirect(key: string): boolean {
    return this.#directs.has(key);
  }

  /** Whether a change that went past the journal was made. */
  wasMade(key: string): boolean {
    return this.#directs.get(key)?.made ?? false;
  }

  /** Whether it took the place of a change that builds on what Redis holds. */
  displacedRelative(key: string): boolean {
    const op = this.#directs.get(key)?.displaced?.op;
    return op === 'touch' || op === 'increment';
  }

  /** The changes that are on their way past the journal. */
  get directs(): readonly string[] {
    return [...this.#directs.keys()];
  }

  /** Journals a change; tells whether it was accepted. What was dropped to make room is told to `lost`. */
  add(write: Write, lost: () => void): boolean {
    const { size, bytes } = this.journal;
    // Room is kept for what gave way to a change that may yet be refused.
    const kept = [...this.#directs.values()].filter(({ displaced }) => displaced !== undefined).length;
    const full =
      size + kept + 1 > this.#options.maxEntries || bytes + (kept + 1) * ROOM > this.#options.maxBytes;
    const before = this.journal.clearing();
    try {
      this.journal.add(write);
    } catch (error) {
      expect(isUnderstudyError(error, 'JOURNAL_FULL') && full && write.op !== 'delete').toBe(true);
      return false;
    }
    this.#noteCollapse(before, full, lost);
    return true;
  }

  clear(prefix: string, lost: () => void): void {
    const before = this.journal.clearing();
    const clearing = { prefix, version: this.time.next() };
    this.journal.addClearing(clearing);
    if (this.journal.clearing() !== clearing) this.#noteCollapse(before, true, lost);
  }

  /** Sends a change to Redis past the journal. */
  send(write: Write, made: boolean): void {
    this.#directs.set(write.key, { write, made, displaced: this.journal.take(write.key) });
    if (made) this.redis.apply(write);
  }

  /** How that ended: known to have been made; to be journaled; or refused, for want of room. */
  settle(
    key: string,
    heard: boolean,
    lost: () => void,
  ): 'made' | 'journaled' | 'cleared' | 'refused' | undefined {
    const direct = this.#directs.get(key);
    if (direct === undefined) return undefined;
    this.#directs.delete(key);
    const { write, made, displaced } = direct;
    if (made && heard) {
      this.journal.outdate(key, write.version);
      return 'made';
    }
    if (this.journal.clears(key, write.version)) {
      this.journal.outdate(key, write.version);
      return 'cleared';
    }
    if (this.add(write, lost)) return 'journaled';
    if (displaced !== undefined && this.journal.get(key) === undefined) {
      this.journal.restore(displaced);
    }
    return 'refused';
  }

  /** Replays the next changes, or the next clearing. The answer comes later, or never: then all of it comes again. */
  replay(count: number, heard: boolean): void {
    this.land();
    const clearing = this.journal.clearing();
    if (clearing !== undefined) {
      this.#carryOut(clearing);
      if (heard) this.journal.confirmClearing(clearing);
      return;
    }
    const writes = this.journal.next(count);
    expect(writes.length).toBeLessThanOrEqual(count);
    // Whether an increment was made that nobody heard of is not for the journal to know.
    const sent = heard ? writes : writes.filter(({ op }) => op !== 'increment');
    const outcomes = this.redis.replay(sent);
    if (!heard) return;
    this.#flying = sent.map((write, at) => ({ write, outcome: outcomes[at] ?? { status: 'superseded' } }));
  }

  /** The answer to what was replayed is here. */
  land(): void {
    for (const { write, outcome } of this.#flying.splice(0))
      this.journal.confirm(write, outcome.status !== 'done');
  }

  /** What can be seen of it at any time. */
  isSound(keys: readonly string[]): void {
    const { journal } = this;
    const { maxEntries, maxBytes } = this.#options;
    // One invalidation stands for all that found no room.
    expect(journal.size).toBeLessThanOrEqual(maxEntries + 1);
    expect(journal.bytes).toBeLessThanOrEqual(maxBytes);
    const again = new Journal({ maxEntries: 1_000, maxBytes: 1e9 }, this.time);
    for (const write of keys.map((key) => journal.get(key))) if (write !== undefined) again.add(write);
    expect(journal.bytes).toBe(again.bytes);
  }

  /** Once everything is in Redis, that is as the model has it. */
  agreesWith(model: JournalModel, keys: readonly string[]): void {
    for (let round = 0; this.journal.size > 0; round++) {
      expect(round).toBeLessThan(300);
      this.replay(7, true);
      this.land();
    }
    expect(this.journal.bytes).toBe(0);
    const seen = (key: string) => {
      const stored = this.redis.stored(key, this.now);
      return stored === undefined ? undefined : { value: readValue(stored), fresh: freshOf(stored) };
    };
    const known = keys.filter((key) => !model.unknown.has(key));
    expect(Object.fromEntries(known.map((key) => [key, seen(key)]))).toEqual(
      Object.fromEntries(known.map((key) => [key, model.get(key, this.now)])),
    );
  }

  /** As the replayer does: what the journal still has to say of a key must not meet the tombstone of the clearing. */
  #carryOut({ prefix, version, since = version }: Clearing): void {
    for (const key of this.redis.scan(prefix, undefined, 1_000).keys) {
      const write = this.journal.get(key);
      const absolute = write?.op === 'set' || write?.op === 'delete';
      if (write !== undefined && (absolute || write.version < since)) continue;
      const between = write !== undefined && write.version < version;
      this.redis.replay([{ op: 'delete', key, version: between ? since : version }]);
    }
  }

  #noteCollapse(before: Clearing | undefined, full: boolean, lost: () => void): void {
    const now = this.journal.clearing();
    if (now === before || now?.prefix !== '') return;
    // Everything is invalidated for want of room only.
    expect(full).toBe(true);
    lost();
  }
}
