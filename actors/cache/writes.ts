import type { Lateness, TraceContext } from '../../src/runtime/envelope.ts';
import { isUnderstudyError } from '../../src/runtime/errors.ts';
import { counter } from '../../src/tiers/applied.ts';
import { type Outcome, SUPERSEDED, type TierName, type Write } from '../../src/tiers/tier.ts';
import { freshOf } from '../../src/wire/stored.ts';
import { archived } from './archived.ts';
import type { BesideArchive } from './beside-archive.ts';
import { Change, type ChangeOwner } from './change.ts';
import { folded, notANumber } from './fold.ts';
import type { Mailbox } from './mailbox.ts';
import type { CacheState } from './state.ts';
import type { Tally } from './tally.ts';
import type { Writer } from './writer.ts';

/** Told of every change before it is acknowledged. */
export type ChangeListener = (write: Write) => void;

/** Takes changes in: to memory at once, to Redis in a batch, to the journal when Redis did not confirm. */
export class Writes implements ChangeOwner {
  readonly #state: CacheState;
  readonly #tally: Tally;
  readonly #foreignTtl: number;
  readonly #onChange: ChangeListener;
  #mailbox: Mailbox | undefined;
  #archive: BesideArchive | undefined;
  #onJournaled: () => void = () => {};

  constructor(state: CacheState, tally: Tally, foreignTtl: number, onChange: ChangeListener) {
    this.#state = state;
    this.#tally = tally;
    this.#foreignTtl = foreignTtl;
    this.#onChange = onChange;
  }

  /** Without a mailbox there is no Redis, and memory is all there is. */
  attach(mailbox: Mailbox, onJournaled: () => void): void {
    this.#mailbox = mailbox;
    this.#onJournaled = onJournaled;
  }

  /** Without them the durable tier keeps no values. */
  attachArchive(archive: BesideArchive): void {
    this.#archive = archive;
  }

  /** Takes one change in. What it returns knows what to do when the deadline comes before Redis. */
  submit(write: Write, writer: Writer, trace: TraceContext | undefined, wait = 0): Lateness | undefined {
    if (this.#archive === undefined) return this.#submit(write, writer, trace, wait);
    return this.#archive.submit(write, writer, (to) => this.#submit(write, to, trace, wait));
  }

  #submit(write: Write, writer: Writer, trace: TraceContext | undefined, wait: number): Lateness | undefined {
    const { memory, journal, near, redisUp } = this.#state;
    const mailbox = this.#mailbox;
    const change = new Change(write, writer, this, wait);
    this.#onChange(write);
    if (mailbox === undefined) {
      this.#finish(change, memory.apply(write), 'memory', false);
      return undefined;
    }
    const relative = write.op === 'touch' || write.op === 'increment' || write.op === 'mark';
    mailbox.recency.changed(write.key, !relative);
    // A relative change of what the journal holds, or is to clear, must come after that, so it joins it there.
    const { key } = write;
    const waits = relative && (journal.get(key) !== undefined || journal.clears(key, memory.version(key)));
    if (!redisUp || mailbox.full || waits) {
      this.#keep(change);
      return change.journaled === undefined ? undefined : change;
    }
    // Superseded either way: by this change in Redis, or by this change in the journal.
    if (!relative) change.displaced = journal.take(write.key);
    if (write.op === 'increment') near?.revoke(key);
    else {
      const outcome = memory.apply(write, near?.own);
      change.existedHere = outcome.status === 'done' && outcome.existed === true;
    }
    mailbox.write(change, trace);
    return change;
  }

  /** Takes in a change that Redis did not confirm. Returns as {@link submit} does. */
  keep(write: Write, writer: Writer): Lateness | undefined {
    this.#keep(new Change(write, writer, this));
    return undefined;
  }

  ended(change: Change, outcome: Outcome): void {
    const { write } = change;
    if (outcome.status === 'done') this.#state.reassertion?.acknowledged(write);
    if (change.answeredLate) {
      if (outcome.status === 'done') this.#state.journal.confirm(write);
    } else if (outcome.status === 'failed') {
      this.#keep(change);
    } else {
      if (write.op === 'increment' && outcome.status === 'done') this.#remember(write, outcome.value ?? 0);
      if (write.op === 'set' || write.op === 'delete') this.#state.journal.outdate(write.key, write.version);
      // What Redis says of the key counts, not what memory held.
      change.existedHere = false;
      this.#finish(change, outcome, 'redis', false);
    }
  }

  overdue(change: Change): void {
    this.#keep(change);
  }

  unsecured(change: Change): void {
    this.#state.mirror?.tooSlow();
    this.#secured(change, false);
  }

  /** Applies a change in memory and journals it; unless a later one of the same key came while this one was out. */
  #keep(change: Change): void {
    const { memory, journal } = this.#state;
    const { write } = change;
    // Answers that were read before must not take its place in memory.
    this.#mailbox?.recency.changed(write.key);
    // A clearing came after it.
    if (journal.clears(write.key, write.version)) {
      journal.outdate(write.key, write.version);
      this.#finish(change, SUPERSEDED, 'memory', true);
      return;
    }
    const before = memory.version(write.key);
    try {
      this.#recall(write);
      const outcome = memory.applyLate(write);
      if (outcome.status !== 'not-a-number') this.#journal(write);
      this.#secure(change, outcome);
      this.#onJournaled();
    } catch (error) {
      if (!isUnderstudyError(error)) throw error;
      // Refused: what memory holds of it must not be answered.
      memory.forget(write.key, before);
      if (change.displaced !== undefined) journal.restore(change.displaced);
      this.#refuse(change, error);
    }
  }

  #refuse({ write, writer }: Change, error: Error): void {
    const { keyEvents } = this.#state;
    if (keyEvents.active && write.op !== 'mark')
      keyEvents.emit('error', { key: write.key, operation: write.op, error });
    writer.refused(error);
  }

  /** Answers when the store of the journal has the change too; at once where there is none, or no time is left. */
  #secure(change: Change, outcome: Outcome): void {
    const { mirror } = this.#state;
    change.journaled = outcome;
    if (mirror === undefined || change.answeredLate || outcome.status === 'not-a-number')
      this.#secured(change, false);
    else mirror.whenKept(change.write.key, (kept) => this.#secured(change, kept));
  }

  #secured(change: Change, durable: boolean): void {
    const outcome = change.journaled;
    if (outcome === undefined) return;
    change.journaled = undefined;
    this.#finish(change, outcome, 'memory', true, durable);
  }

  /** A relative change of what is still on its way must not be journaled before that: together they are one change. */
  #journal(write: Write): void {
    const { journal, memory, time } = this.#state;
    const relative = write.op === 'touch' || write.op === 'increment';
    const out = relative ? (this.#mailbox?.unsettled(write.key) ?? []) : [];
    const from = out.findLastIndex(({ op }) => op === 'set' || op === 'delete');
    const base = out[from];
    const known = journal.get(write.key)?.version ?? '';
    const buried = relative ? memory.buried(write.key) : '';
    if (buried > known && base === undefined) this.#onTopOf(buried, write);
    else if (base === undefined || base.version < known || journal.clears(write.key, base.version))
      journal.add(write);
    else {
      const now = time.now();
      journal.add([...out.slice(from + 1), write].reduce((sum, next) => folded(sum, next, now), base));
    }
  }

  /**
   * What was deleted here is not there any more for a relative change, also when the deletion found no room in the journal: the
   * change is journaled with it, so that no older value is touched, or added to, in its place.
   */
  #onTopOf(buried: string, write: Write): void {
    const { journal, time } = this.#state;
    const deletion: Write = { op: 'delete', key: write.key, version: buried };
    const together = folded(deletion, write, time.now());
    // A touch of nothing changes nothing; the deletion is in Redis, or in what the journal holds.
    if (together !== deletion) journal.add(together);
  }

  /**
   * What a relative change builds on may be in the journal only: memory is bounded, and it may have been evicted. What was
   * taken over from a dead process may be older than what memory knows.
   */
  #recall({ op, key }: Write): void {
    if (op !== 'touch' && op !== 'increment') return;
    const { memory, journal, time } = this.#state;
    const waiting = journal.get(key);
    const now = time.now();
    if (waiting?.op !== 'set' || memory.version(key) > waiting.version) return;
    if (memory.stored(key, now) === undefined) memory.keep(key, waiting.stored, now);
  }

  #finish(
    change: Change,
    outcome: Outcome,
    tier: TierName,
    degraded: boolean,
    durable = tier === 'redis',
  ): void {
    if (outcome.status === 'not-a-number') {
      this.#refuse(change, notANumber());
      return;
    }
    this.#tally.count(change.write.op, tier === 'redis' ? 'redis' : 'memory', tier === 'redis');
    const { archive, keyEvents } = this.#state;
    if (archive !== undefined && outcome.status === 'done')
      archived(archive, this.#state, change.write, outcome, tier);
    if (keyEvents.active && change.write.op !== 'mark')
      keyEvents.emit(change.write.op, { key: change.write.key, tier, degraded, durable });
    change.accept(outcome, tier, degraded, durable);
  }

  /** Redis told the sum. How long it has to live is known only if memory knew it before. */
  #remember(write: Extract<Write, { op: 'increment' }>, sum: number): void {
    const { memory, journal, time } = this.#state;
    if (journal.clears(write.key, write.version)) return;
    const now = time.now();
    const known = memory.stored(write.key, now);
    const fresh = freshOf(known ?? '') ?? now + Math.min(write.ttl, this.#foreignTtl);
    memory.keep(write.key, counter(known, write.version, fresh, sum, now), now);
  }
}
