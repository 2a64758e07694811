import type { Clock } from '../../runtime/clock.ts';

/** One connection to a simulated Redis. What is sent on it arrives in order, and so does what is answered. */
export class Connection {
  readonly #clock: Clock;
  readonly #latency: () => number;
  #underWay = 0;
  readonly #inFlight = new Set<(error: Error) => void>();
  #lastArrival = 0;
  #lastAnswer = 0;
  #open = true;

  /** `latency`: milliseconds of one way at this moment. */
  constructor(clock: Clock, latency: () => number) {
    this.#clock = clock;
    this.#latency = latency;
  }

  get open(): boolean {
    return this.#open;
  }

  /** Sends a command, which `carryOut` makes when it arrives; it calls back with what leads to the answer. */
  send<T>(carryOut: (answer: (reply: () => T) => void) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (!this.#open) throw closed();
      this.#inFlight.add(reject);
      const answer = (reply: () => T): void => {
        this.#lastAnswer = this.#after(this.#lastAnswer, () => {
          if (!this.#inFlight.delete(reject)) return;
          try {
            resolve(reply());
          } catch (error) {
            reject(error);
          }
        });
      };
      this.#lastArrival = this.#after(this.#lastArrival, () => carryOut(answer));
    });
  }

  /** The server says something of its own accord, in the order of its answers. */
  push(say: () => void): void {
    this.#lastAnswer = this.#after(this.#lastAnswer, () => {
      if (this.#open) say();
    });
  }

  /** Nothing is answered any more. What was sent may be carried out all the same. */
  close(): void {
    this.#open = false;
    for (const reject of this.#inFlight) reject(closed());
    this.#inFlight.clear();
  }

  /** Runs after the latency, and not before what went before; tells when. */
  #after(previous: number, run: () => void): number {
    const now = this.#clock.monotonic();
    const due = Math.max(now + this.#latency(), previous);
    if (due <= now && this.#underWay === 0) run();
    else {
      this.#underWay++;
      this.#clock.setTimeout(() => {
        this.#underWay--;
        run();
      }, due - now);
    }
    return due;
  }
}

function closed(): Error {
  return new Error('Connection is closed.');
}
