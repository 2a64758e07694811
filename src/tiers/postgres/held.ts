import { isMarker } from '../../wire/marker.ts';
import { expiryOf, freshOf, isNothing, versionOf } from '../../wire/stored.ts';
import { applied } from '../applied.ts';
import { DONE, type Outcome, SUPERSEDED, type Write } from '../tier.ts';

/** What there is of a key. */
export interface HeldState {
  /** Empty for nothing. */
  readonly stored: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
  /** Version of the last deletion; '' for none. */
  readonly buried: string;
  /** Version of the last clearing that covers the key; '' for none. */
  readonly cleared: string;
  /** Names this state; '' where there is no row. */
  readonly revision: string;
}

/** After every version: no clear is about it. */
const MARKER_VERSION = '~';

/** One key, as changes are applied to it. By the rules of the scripts in Redis. */
export class Held {
  readonly key: string;
  readonly #now: number;
  readonly #cleared: string;
  readonly replaces: string;
  stored: string;
  expires: number;
  buried: string;
  changed = false;

  constructor(key: string, state: HeldState, now: number) {
    this.key = key;
    this.#now = now;
    this.#cleared = state.cleared;
    this.replaces = state.revision;
    // A clear is about values: what is invalidated stays so.
    this.stored = !isMarker(key) && versionOf(state.stored) < state.cleared ? '' : state.stored;
    this.expires = state.expires;
    this.buried = state.buried;
  }

  get version(): string {
    return isMarker(this.key) ? MARKER_VERSION : versionOf(this.stored);
  }

  /** Applies a change, whatever there is. */
  apply(write: Write): Outcome {
    const before = write.op === 'set' ? undefined : this.#alive;
    const { stored, outcome } = applied(before, write, this.#now);
    if (write.op === 'delete') this.buried = write.version;
    if (stored === undefined) {
      // What is stale stays, though there is nothing to touch.
      if (write.op !== 'touch') this.stored = '';
      this.changed ||= write.op !== 'touch';
    } else if (outcome.status === 'done' || (write.op === 'increment' && write.touched !== undefined)) {
      this.expires = expiryOf(stored) ?? this.#foreignExpiry(write, before === undefined);
      this.stored = stored;
      this.changed = true;
    }
    return outcome;
  }

  /** Applies a change that comes late, unless there is something newer. */
  applyLate(write: Write): Outcome {
    // Of marks the later ones count, in whatever order they come.
    if (write.op === 'mark') return this.apply(write);
    const { version } = this;
    const buried = this.#cleared > this.buried ? this.#cleared : this.buried;
    if (write.op === 'increment') {
      // It adds to whatever is there, and must not make that look older than it is.
      if (buried > write.version) return SUPERSEDED;
      return this.apply(version > write.version ? { ...write, version } : write);
    }
    if (version > write.version) return SUPERSEDED;
    if (buried <= write.version) return this.apply(write);
    // What is older than a deletion goes, also where a later deletion of another instance, by its clock, went before.
    if (write.op !== 'delete' || this.stored === '') return SUPERSEDED;
    this.stored = '';
    this.changed = true;
    return DONE;
  }

  /** The text, where it is one to touch or to add to. */
  get #alive(): string | undefined {
    if (this.stored === '' || this.expires <= this.#now || isNothing(this.stored, this.#now))
      return undefined;
    return (freshOf(this.stored) ?? this.expires) > this.#now ? this.stored : undefined;
  }

  /** Of what somebody else wrote, which does not say how long it is fresh. */
  #foreignExpiry(write: Write, began: boolean): number {
    if (write.op === 'mark') return Math.max(this.expires, this.#now + write.ttl);
    if (write.op === 'set' || write.op === 'touch' || began)
      return this.#now + ('ttl' in write ? write.ttl : 0);
    return write.op === 'increment' ? (write.touched ?? this.expires) : this.expires;
  }
}
