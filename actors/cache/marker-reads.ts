import type { Marker } from '../../src/tiers/markers.ts';
import { marksIn } from '../../src/wire/marker.ts';
import type { Mailbox } from './mailbox.ts';
import { MarkerReader } from './marker-reader.ts';
import type { StoredTexts } from './read-batch.ts';
import type { Reader } from './reader.ts';
import type { CacheState } from './state.ts';

/** A marker was missing in Redis: whoever can is to make it anew, and to call back when as much is known of it as can be. */
type OnMissing = (marker: Marker, known: () => void) => void;

/**
 * Sees to it that what Redis answers is judged by markers that were read no earlier. Those that an entry had when it was last
 * seen here are read in the same batch; where it has others now, its answer waits for one more.
 */
export class MarkerReads {
  readonly #state: CacheState;
  readonly #mailbox: Mailbox;
  readonly #onMissing: OnMissing;

  constructor(state: CacheState, mailbox: Mailbox, onMissing: OnMissing) {
    this.#state = state;
    this.#mailbox = mailbox;
    this.#onMissing = onMissing;
  }

  /** Before a key is read: what it will depend on is read with it. */
  foresee(reader: Reader): void {
    const { memory } = this.#state;
    const { key, turn } = reader;
    for (const marker of memory.markers.of(key, memory.last(key))) this.#ask(marker, turn);
  }

  /** Before a change is made that depends on it: the next is to know what it says. */
  ask(marker: Marker): void {
    this.#ask(marker, this.#mailbox.turn);
  }

  /** After a batch was answered, before its values are looked at. */
  learn(readers: readonly Reader[], stored: StoredTexts | undefined): void {
    for (let index = 0; index < readers.length; index++) {
      let reader = readers[index];
      for (; reader instanceof MarkerReader; reader = reader.next) this.#learned(reader, stored?.[index]);
    }
  }

  /** Whether everything that an entry depends on was heard of in that turn, or later. */
  areKnown(key: string, stored: string, turn: number): boolean {
    for (const marker of this.#state.memory.markers.of(key, stored))
      if (marker.confirmed < turn) return false;
    return true;
  }

  /** Calls back when they were heard of in that turn, by default in the present one, or Redis does not say. */
  whenKnown(markers: readonly Marker[], then: () => void, turn: number = this.#mailbox.turn): void {
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
    const { journal, memory, near } = this.#state;
    // What waits for Redis is newer than what it says.
    const waiting = journal.get(marker.key);
    if (typeof text === 'string') {
      const marks = marksIn(text);
      if (marks !== undefined) marker.learn(marks);
      marker.missing = marks === undefined && waiting === undefined;
      marker.epoch = near?.of(marker.key, heardOf) ?? 0;
    } else if (text === null) marker.missing = waiting === undefined;
    if (waiting?.op === 'mark') memory.markers.apply(waiting);
    const known = (): void => {
      // Without an answer nothing better can be had.
      marker.confirmed = Math.max(marker.confirmed, turn);
      for (const resume of marker.waiting.splice(0)) resume();
    };
    if (marker.missing) this.#onMissing(marker, known);
    else known();
  }
}
