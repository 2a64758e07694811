import type { Dependence, Marker } from '../../src/tiers/markers.ts';
import type { Write } from '../../src/tiers/tier.ts';
import { later, marksIn } from '../../src/wire/marker.ts';
import type { Mailbox } from './mailbox.ts';
import { MarkerReader } from './marker-reader.ts';
import type { StoredTexts } from './read-batch.ts';
import type { Reader } from './reader.ts';
import type { CacheState } from './state.ts';

/** Who does something about what the markers say. */
export interface MarkerEvents {
  /**
   * There is none in Redis: it is to be made anew, good `since` what is being stored, or now. Calls back when as much is known of it as
   * can be.
   */
  missing(marker: Marker, since: string | undefined, known: () => void): void;
  /** What is being stored comes after what its marker says, and was stamped before it by a clock that is behind. */
  behind(write: Extract<Write, { op: 'set' }>): void;
}

/**
 * Sees to it that what Redis answers is judged by markers that were read no earlier. Those that an entry had when it was last
 * seen here are read in the same batch; where it has others now, its answer waits for one more.
 */
export class MarkerReads {
  readonly #state: CacheState;
  readonly #mailbox: Mailbox;
  readonly #events: MarkerEvents;

  constructor(state: CacheState, mailbox: Mailbox, events: MarkerEvents) {
    this.#state = state;
    this.#mailbox = mailbox;
    this.#events = events;
    state.memory.markers.abandon();
  }

  /** Before a key is read: what it will depend on is read with it. */
  foresee(reader: Reader): void {
    const expected = this.#state.memory.markers.expected(reader.key);
    reader.expects = expected;
    const { markers } = expected;
    for (let at = 0; at < markers.length; at++) this.#ask(markers[at] as Marker, reader.turn);
  }

  /** Before a change is made that depends on it: it goes before that, and the change must come out as the later one. */
  ask(marker: Marker, write: Extract<Write, { op: 'set' }>): void {
    this.#ask(marker, this.#mailbox.turn);
    marker.sets.push(write);
  }

  /** After a batch was answered, before its values are looked at. */
  learn(readers: readonly Reader[], stored: StoredTexts | undefined): void {
    for (let index = 0; index < readers.length; index++) {
      let reader = readers[index];
      for (; reader instanceof MarkerReader; reader = reader.next) this.#learned(reader, stored?.[index]);
    }
  }

  /** Calls back when all of it was heard of in that turn, by default in the present one, or Redis does not say. */
  whenKnown({ markers }: Dependence, then: () => void, turn: number = this.#mailbox.turn): void {
    let missing = 0;
    const answered = (): void => {
      if (--missing === 0) then();
    };
    for (const marker of markers) {
      if (marker.confirmed >= turn) continue;
      missing++;
      marker.waiting.push(answered);
      this.#ask(marker, turn);
    }
    if (missing === 0) then();
  }

  #ask(marker: Marker, turn: number): void {
    if (marker.asked >= turn) return;
    // Behind a change of it that waits to be sent.
    this.#mailbox.pendingChange(marker.key);
    const reader = new MarkerReader(marker, this.#state.near?.order ?? 0);
    this.#mailbox.read(reader, undefined);
    marker.asked = reader.turn;
  }

  #learned({ marker, turn, heardOf }: MarkerReader, text: string | null | undefined): void {
    const { journal, memory, near, time } = this.#state;
    const sets = marker.sets.splice(0);
    // What waits for Redis is newer than what it says.
    const waiting = journal.get(marker.key);
    if (typeof text === 'string') {
      const marks = marksIn(text);
      if (marks !== undefined) {
        const newest = later(marks.since, later(marks.invalidated, marks.expired));
        time.observe(newest);
        marker.learn(marks);
        for (const write of sets) if (write.version < newest) this.#events.behind(write);
      }
      marker.missing = marks === undefined && waiting === undefined;
      marker.epoch = near?.of(marker.key, heardOf) ?? 0;
    } else if (text === null) marker.missing = waiting === undefined;
    marker.unheard = text === undefined;
    if (waiting?.op === 'mark') {
      memory.markers.apply(waiting);
      if (waiting.since < marker.since) marker.begin(waiting.since);
    }
    const known = (): void => {
      // Without an answer nothing better can be had.
      marker.confirmed = Math.max(marker.confirmed, turn);
      for (const resume of marker.waiting.splice(0)) resume();
    };
    if (marker.missing) this.#events.missing(marker, leastOf(sets), known);
    else known();
  }
}

/** The version of the first. */
function leastOf(sets: readonly { readonly version: string }[]): string | undefined {
  return sets.reduce<string | undefined>(
    (least, { version }) => (least === undefined || version < least ? version : least),
    undefined,
  );
}
