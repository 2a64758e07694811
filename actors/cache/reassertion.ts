import { isUnderstudyError } from '../../src/runtime/errors.ts';
import type { Outcome, Write } from '../../src/tiers/tier.ts';
import type { Clearing, Journal } from './journal.ts';
import { RecentWrites, type RecentWritesOptions } from './recent-writes.ts';

/** What became of the recent changes after the failovers so far. */
export interface ReassertionCounts {
  /** The promoted server had lost them, and has them again. */
  readonly restored: number;
  /** It had them all along. */
  readonly held: number;
  /** It has something newer. */
  readonly superseded: number;
  /** Not made again: no room in the journal, or changes of counters, whose parts must not be added twice. */
  readonly skipped: number;
}

/**
 * What a failover loses is what the old master had acknowledged and the promoted replica had not heard of. This process
 * remembers what it was acknowledged lately; after a failover that goes back into the journal, which overlays what Redis
 * answers, and from there by compare-and-set to the new master: what that lost is made again, and nothing newer is undone.
 */
export class Reassertion {
  readonly #recent: RecentWrites;
  /** Versions of what was put back into the journal and is not confirmed yet, by key. */
  readonly #pending = new Map<string, string>();
  readonly counts = { restored: 0, held: 0, superseded: 0, skipped: 0 };
  #reported: ReassertionCounts = { ...this.counts };
  #began = false;

  constructor(options: RecentWritesOptions) {
    this.#recent = new RecentWrites(options);
  }

  /** Redis has confirmed a change. */
  acknowledged(write: Write): void {
    this.#recent.add(write);
  }

  cleared(clearing: Clearing): void {
    this.#recent.addClearing(clearing);
  }

  /** Another server answers from now on. `changed` is told each key whose earlier answers do not count any more. */
  begin(journal: Journal, now: number, changed: (key: string) => void): void {
    this.#began = true;
    for (const clearing of this.#recent.clearings(now)) journal.addClearing(clearing);
    const changes = [...this.#recent.changes(now)];
    const counters = new Set(changes.filter(({ op }) => op === 'increment').map(({ key }) => key));
    for (const write of changes) {
      if (!counters.has(write.key)) this.#put(journal, write, changed);
      else if (write.op === 'increment') this.counts.skipped++;
    }
  }

  /** A change from the journal has reached Redis. */
  settled({ key, version }: Write, outcome: Outcome): void {
    if (outcome.status === 'failed' || this.#pending.size === 0 || this.#pending.get(key) !== version) return;
    this.#pending.delete(key);
    if (outcome.status === 'superseded') this.counts.superseded++;
    else if (outcome.status === 'done') this.counts[outcome.existed === true ? 'held' : 'restored']++;
  }

  /** What the failover came to, once the journal is empty; undefined when there was none, or it was told already. */
  report(): ReassertionCounts | undefined {
    if (!this.#began) return undefined;
    this.#began = false;
    // Newer changes of this process took their places.
    this.counts.superseded += this.#pending.size;
    this.#pending.clear();
    const before = this.#reported;
    this.#reported = { ...this.counts };
    return {
      restored: this.counts.restored - before.restored,
      held: this.counts.held - before.held,
      superseded: this.counts.superseded - before.superseded,
      skipped: this.counts.skipped - before.skipped,
    };
  }

  #put(journal: Journal, write: Write, changed: (key: string) => void): void {
    const waiting = journal.get(write.key);
    // A change that waits for Redis anyway says more: as a whole, or as what is to be added to whatever is there.
    // Marks say both.
    const whole = write.op !== 'mark' && waiting !== undefined;
    if (whole && (waiting.version >= write.version || waiting.op === 'increment')) return;
    if (journal.clears(write.key, write.version)) return;
    try {
      changed(write.key);
      journal.add(write);
      this.#pending.set(write.key, journal.get(write.key)?.version ?? write.version);
    } catch (error) {
      if (!isUnderstudyError(error)) throw error;
      this.counts.skipped++;
    }
  }
}
