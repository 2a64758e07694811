import type { Clock, Timer } from './clock.ts';
import type { Envelope } from './envelope.ts';

const SLOTS = 64;
/** Milliseconds a slot spans: deadlines fire up to this late. */
const TICK = 8;

/**
 * Deadlines of everything that waits, without a timer each: a hashed timing wheel (Varghese and Lauck, 1987) of intrusive
 * lists, turned by one timer that runs only while something waits.
 */
export class DeadlineWheel {
  readonly #clock: Clock;
  readonly #heads: (Envelope | undefined)[] = new Array<Envelope | undefined>(SLOTS).fill(undefined);
  #cursor = 0;
  #timer: Timer | undefined;
  /** How many envelopes wait. */
  size = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(envelope: Envelope): void {
    if (this.#timer === undefined) this.#start();
    const slot = slotOf(envelope);
    const head = this.#heads[slot];
    envelope.previous = undefined;
    envelope.next = head;
    if (head !== undefined) head.previous = envelope;
    this.#heads[slot] = envelope;
    this.size++;
  }

  remove(envelope: Envelope): void {
    const { previous, next } = envelope;
    if (previous !== undefined) previous.next = next;
    else this.#heads[slotOf(envelope)] = next;
    if (next !== undefined) next.previous = previous;
    envelope.previous = envelope.next = undefined;
    this.size--;
  }

  /** Everything that waits, oldest correlation id first. */
  waiting(): Envelope[] {
    const all: Envelope[] = [];
    for (const head of this.#heads) for (let at = head; at !== undefined; at = at.next) all.push(at);
    return all.sort((a, b) => a.id - b.id);
  }

  stop(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #start(): void {
    this.#cursor = Math.floor(this.#clock.monotonic() / TICK);
    this.#timer = this.#clock.setTimeout(this.#turn, TICK);
  }

  readonly #turn = (): void => {
    const now = this.#clock.monotonic();
    const target = Math.floor(now / TICK);
    // After a stall longer than one turn every slot is due once; visiting it twice would find nothing new.
    const first = Math.max(this.#cursor, target - SLOTS + 1);
    const due: Envelope[] = [];
    for (let tick = first; tick <= target; tick++) {
      for (let at = this.#heads[tick % SLOTS]; at !== undefined; at = at.next)
        if (at.deadline <= now) due.push(at);
    }
    this.#cursor = target;
    // Decided first, done afterwards: an expiry may add or remove envelopes of the list being walked.
    for (const envelope of due) if (envelope.open) envelope.expire();
    this.#timer = this.size > 0 ? this.#clock.setTimeout(this.#turn, TICK) : undefined;
  };
}

function slotOf(envelope: Envelope): number {
  return envelope.deadline === Infinity ? 0 : Math.floor(envelope.deadline / TICK) % SLOTS;
}
