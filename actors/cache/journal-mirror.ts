import { type BackoffOptions, backoff } from '../../src/runtime/backoff.ts';
import type { Clock, Timer } from '../../src/runtime/clock.ts';
import { isUnderstudyError } from '../../src/runtime/errors.ts';
import type { EventBus } from '../../src/runtime/events.ts';
import type { JournalRow, JournalStore } from '../../src/tiers/journal-store.ts';
import type { MemoryTier } from '../../src/tiers/memory.ts';
import type { Write } from '../../src/tiers/tier.ts';
import type { Clearing, Journal, JournalWatcher } from './journal.ts';
import { adoptRows } from './journal-recovery.ts';
import { rowOfClearing, rowOfWrite, slotOfKey, slotOfPrefix } from './journal-rows.ts';

/** Bounds of one commit. What is left over goes with the next. */
const MOST_ROWS = 512;
const MOST_CHARACTERS = 1_048_576;
/** Between attempts to get a store back. */
const RETRY: BackoffOptions = { min: 100, max: 5_000 };
/** Between two looks for what the dead have left: soon after the start, as a server may not know yet that they are. */
const ADOPTION: BackoffOptions = { min: 1_000, max: 20_000 };

export interface JournalMirrorParts {
  readonly journal: Journal;
  /** Knows what the journal knows: what is taken over, too. */
  readonly memory: Pick<MemoryTier, 'applyLate'>;
  readonly store: JournalStore;
  readonly clock: Clock;
  readonly events: EventBus;
  /** What an error may be told as, in logs and health. */
  readonly describe: (error: unknown) => string;
}

type Told = (kept: boolean) => void;

/**
 * Keeps the journal's store as the journal is, by group commit: while one commit is under way the next changes gather,
 * and each takes every change since the last, in one transaction. The journal in memory stays what counts; the store is
 * read only for what dead processes left. While the store fails, changes are accepted as without one, and all that
 * waits is brought to it when it is back.
 */
export class JournalMirror implements JournalWatcher {
  readonly #parts: JournalMirrorParts;
  /** Keys whose entry the store may not have as it is, and who waits for that. */
  #changed = new Map<string, Told[]>();
  #clearingsChanged = false;
  #clearingsAwaited: Told[] = [];
  /** What the store has, by key; undefined where a commit has failed and nobody knows. */
  readonly #kept = new Map<string, Write | undefined>();
  /** The same of invalidations, by prefix. */
  readonly #keptClearings = new Map<string, Clearing | undefined>();
  #up = false;
  #reason = 'it has not been opened yet';
  #slow = false;
  #working: Promise<void> | undefined;
  #failures = 0;
  #looks = 0;
  #timer: Timer | undefined;
  #closed = false;
  /** Commits that succeeded. */
  commits = 0;

  constructor(parts: JournalMirrorParts) {
    this.#parts = parts;
    parts.journal.watch(this);
  }

  get kind(): JournalStore['kind'] {
    return this.#parts.store.kind;
  }

  get up(): boolean {
    return this.#up;
  }

  /** Why it is not up. */
  get reason(): string {
    return this.#up ? '' : this.#reason;
  }

  /** Changes that the store has not got yet. */
  get behind(): number {
    return this.#changed.size + (this.#clearingsChanged ? 1 : 0);
  }

  /**
   * Opens the store and takes in what dead processes left there. Resolves when that is done, or after `patience`
   * milliseconds without it: it then goes on trying. Rejects only where it must not: with JOURNAL_LOCKED.
   */
  start(patience: number): Promise<void> {
    const { clock } = this.#parts;
    return new Promise((resolve, reject) => {
      let waiting = true;
      const timer = clock.setTimeout(() => {
        waiting = false;
        this.#tellDown(`it was not open after ${patience} ms`);
        resolve();
      }, patience);
      const failed = (error: unknown): void => {
        if (waiting && isUnderstudyError(error)) {
          this.#closed = true;
          reject(error);
        } else this.#failed(error);
      };
      void this.#open()
        .catch(failed)
        .finally(() => {
          clock.clearTimeout(timer);
          resolve();
        });
    });
  }

  keyChanged(key: string): void {
    if (this.#changed.has(key)) return;
    this.#changed.set(key, []);
    this.#schedule();
  }

  clearingsChanged(): void {
    this.#clearingsChanged = true;
    this.#schedule();
  }

  /** Tells when the store has what the journal says of a key; at once when that cannot be soon. */
  whenKept(key: string, told: Told): void {
    if (!this.#prompt) told(false);
    else if (this.#awaits(key, told)) return;
    // A deletion that found no room has become an invalidation.
    else if (this.#clearingsChanged) this.#clearingsAwaited.push(told);
    else told(this.#kept.get(key) !== undefined);
  }

  /** The same of invalidations. */
  whenCleared(told: Told): void {
    if (this.#prompt && this.#clearingsChanged) this.#clearingsAwaited.push(told);
    else told(this.#prompt);
  }

  /** Somebody waited for a commit until the deadline: until one succeeds again nobody else does. */
  tooSlow(): void {
    this.#slow = true;
  }

  /** Brings what waits to the store and lets go of it. `patience`: milliseconds. */
  async close(patience: number): Promise<void> {
    if (this.#closed) return;
    const { clock, store } = this.#parts;
    this.#schedule();
    await new Promise<void>((resolve) => {
      const timer = clock.setTimeout(resolve, patience);
      const finish = async (): Promise<void> => {
        await this.#working;
        this.#closed = true;
        clock.clearTimeout(this.#timer);
        await store.close();
      };
      finish()
        .catch(() => {})
        .finally(() => {
          clock.clearTimeout(timer);
          resolve();
        });
    });
    this.#closed = true;
    this.#up = false;
    clock.clearTimeout(this.#timer);
  }

  get #prompt(): boolean {
    return this.#up && !this.#slow;
  }

  #awaits(key: string, told: Told): boolean {
    const waiting = this.#changed.get(key);
    waiting?.push(told);
    return waiting !== undefined;
  }

  async #open(): Promise<void> {
    const { store, journal, events } = this.#parts;
    const { kept } = await store.open();
    if (!kept) this.#disown();
    const adopted = await this.#adopt();
    if (this.#closed) return;
    this.#up = true;
    this.#slow = false;
    this.#failures = 0;
    this.#looks = 0;
    this.#reason = '';
    events.publish({ type: 'journal.store', up: true, reason: '', recovered: adopted });
    if (journal.size > 0 || this.behind > 0) this.#schedule();
    this.#lookLater();
  }

  /** Another took this instance for dead, and brings to Redis what it found: what has grown since must not go twice. */
  #disown(): void {
    const { journal } = this.#parts;
    for (const write of this.#kept.values()) if (write?.op === 'increment') journal.confirm(write);
    this.#kept.clear();
    this.#keptClearings.clear();
    for (const key of journal.owedKeys()) this.keyChanged(key);
    this.#clearingsChanged ||= journal.clearings.length > 0;
  }

  async #adopt(): Promise<number> {
    const { journal, memory, store } = this.#parts;
    let adopted = 0;
    while (journal.room && !this.#closed) {
      const rows = await store.adopt();
      if (rows === undefined) break;
      const { writes, clearings } = adoptRows(rows, journal);
      for (const write of writes) {
        // What a relative change leads to is known to Redis only.
        if (write.op === 'set' || write.op === 'delete') memory.applyLate(write);
        const asFound = journal.owed(write.key) === write;
        this.#kept.set(write.key, asFound ? write : undefined);
        if (!asFound) this.keyChanged(write.key);
      }
      for (const { prefix } of clearings) this.#keptClearings.set(prefix, undefined);
      this.#clearingsChanged ||= clearings.length > 0;
      adopted += writes.length + clearings.length;
    }
    return adopted;
  }

  #lookLater(): void {
    if (this.#closed) return;
    const { clock, events } = this.#parts;
    this.#timer = clock.setTimeout(
      () => {
        void this.#exclusively(async () => {
          if (!this.#up) return;
          const recovered = await this.#adopt();
          if (recovered > 0) events.publish({ type: 'journal.store', up: true, reason: '', recovered });
          this.#lookLater();
        });
      },
      backoff(this.#looks++, ADOPTION),
    );
  }

  #schedule(): void {
    if (!this.#up || this.#working !== undefined || this.behind === 0) return;
    void this.#exclusively(async () => {
      // What comes in the same turn goes with it.
      await new Promise((resolve) => setImmediate(resolve));
      while (this.#up && this.behind > 0) await this.#commit();
    });
  }

  /** One after the other: a commit must not replace what has been adopted and not been read yet. */
  async #exclusively(work: () => Promise<void>): Promise<void> {
    const before = this.#working;
    const working = (async () => {
      await before;
      await work().catch(this.#failed);
    })();
    this.#working = working;
    await working;
    if (this.#working !== working) return;
    this.#working = undefined;
    this.#schedule();
  }

  async #commit(): Promise<void> {
    const { journal, store } = this.#parts;
    const puts: JournalRow[] = [];
    const removes: string[] = [];
    const taken: [key: string, write: Write | undefined, told: Told[]][] = [];
    // Invalidations go with every commit, so that nothing that gave way to one goes before it.
    const clearings = this.#clearingsChanged ? journal.clearings : [];
    const gone = this.#clearingsChanged ? this.#withdrawn(clearings) : [];
    const clearingsAwaited = this.#clearingsAwaited;
    this.#clearingsChanged = false;
    this.#clearingsAwaited = [];
    for (const clearing of clearings) {
      if (this.#keptClearings.get(clearing.prefix) === clearing) continue;
      this.#keptClearings.set(clearing.prefix, undefined);
      puts.push(rowOfClearing(clearing));
    }
    for (const prefix of gone) removes.push(slotOfPrefix(prefix));
    let characters = 0;
    for (const [key, told] of this.#changed) {
      if (taken.length >= MOST_ROWS || characters > MOST_CHARACTERS) break;
      this.#changed.delete(key);
      const write = journal.owed(key);
      taken.push([key, write, told]);
      if (write === undefined ? !this.#kept.has(key) : this.#kept.get(key) === write) continue;
      // Until it has succeeded nobody knows what the store has.
      this.#kept.set(key, undefined);
      if (write === undefined) removes.push(slotOfKey(key));
      else {
        const row = rowOfWrite(write);
        characters += row.body.length;
        puts.push(row);
      }
    }
    try {
      if (puts.length + removes.length > 0) await store.commit(puts, removes);
    } catch (error) {
      // Who waits is told when it is known that the store is out.
      this.#clearingsChanged = true;
      this.#clearingsAwaited.push(...clearingsAwaited);
      for (const [key, , told] of taken) this.#changed.set(key, told.concat(this.#changed.get(key) ?? []));
      throw error;
    }
    this.commits++;
    this.#slow = false;
    for (const clearing of clearings) this.#keptClearings.set(clearing.prefix, clearing);
    for (const prefix of gone) this.#keptClearings.delete(prefix);
    for (const [key, write] of taken) {
      if (write === undefined) this.#kept.delete(key);
      else this.#kept.set(key, write);
    }
    for (const tell of clearingsAwaited) tell(true);
    for (const [, , told] of taken) for (const tell of told) tell(true);
  }

  #withdrawn(clearings: readonly Clearing[]): string[] {
    const present = new Set(clearings.map(({ prefix }) => prefix));
    return [...this.#keptClearings.keys()].filter((prefix) => !present.has(prefix));
  }

  readonly #failed = (error: unknown): void => {
    if (this.#closed) return;
    const { clock, describe } = this.#parts;
    this.#tellDown(describe(error));
    for (const told of this.#changed.values()) for (const tell of told.splice(0)) tell(false);
    for (const tell of this.#clearingsAwaited.splice(0)) tell(false);
    clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(
      () => {
        this.#open().catch(this.#failed);
      },
      backoff(this.#failures++, RETRY),
    );
  };

  #tellDown(reason: string): void {
    this.#up = false;
    this.#reason = reason;
    this.#parts.events.publish({ type: 'journal.store', up: false, reason, recovered: 0 });
  }
}
