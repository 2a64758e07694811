import type { ActorRef } from '../../src/runtime/actor-ref.ts';
import type { Crash } from '../../src/runtime/behaviour.ts';
import type { TraceContext } from '../../src/runtime/envelope.ts';
import type { CircuitBreakerMessage } from '../circuit-breaker/messages.ts';

/** One round trip to be made. Exactly one of the two is called. */
export interface Batch {
  /** Made when it is sent: by then some of what it was to carry may not be wanted any more. Undefined for nothing. */
  compose(): CircuitBreakerMessage | undefined;
  readonly trace: TraceContext | undefined;
  answered(reply: never): void;
  failed(error: unknown): void;
}

/** Sends batches to the circuit breaker in the order they came, a bounded number at a time. */
export class Outbox {
  readonly #breaker: ActorRef;
  readonly #crash: Crash;
  readonly #maxInFlight: number;
  readonly #onRoom: () => void;
  #batches: Batch[] = [];
  #sent = 0;
  #inFlight = 0;
  #sending = false;
  #stopped = false;

  /** `onRoom` is called when more could be sent than there is. */
  constructor(breaker: ActorRef, crash: Crash, maxInFlight: number, onRoom: () => void) {
    this.#onRoom = onRoom;
    this.#breaker = breaker;
    this.#crash = crash;
    this.#maxInFlight = maxInFlight;
  }

  /** Whether another batch would go out at once. */
  get room(): boolean {
    return this.#sent === this.#batches.length && this.#inFlight < this.#maxInFlight;
  }

  stop(): void {
    this.#stopped = true;
    this.#batches = [];
    this.#sent = 0;
  }

  add(batch: Batch): void {
    this.#batches.push(batch);
  }

  /** Sends what may be sent now; the rest follows as answers come. */
  send(): void {
    // An answer in the same turn would have this call itself, once per batch.
    if (this.#sending || this.#stopped) return;
    this.#sending = true;
    while (this.#sent < this.#batches.length && this.#inFlight < this.#maxInFlight) {
      const batch = this.#batches[this.#sent++] as Batch;
      const message = batch.compose();
      if (message === undefined) continue;
      this.#inFlight++;
      this.#breaker.post(message, this.#guarded(batch.answered, batch), this.#guarded(batch.failed, batch), {
        deadline: Infinity,
        trace: batch.trace,
      });
    }
    this.#sending = false;
    this.#batches = this.#sent === this.#batches.length ? [] : this.#batches.slice(this.#sent);
    this.#sent = 0;
  }

  /** The answer comes on the breaker's stack: what goes wrong in handling it is this actor's crash, not the breaker's. */
  #guarded<T>(handle: (this: Batch, news: T) => void, batch: Batch): (news: T) => void {
    return (news) => {
      this.#inFlight--;
      try {
        handle.call(batch, news);
      } catch (error) {
        this.#crash(error);
      }
      this.send();
      if (this.room) this.#onRoom();
    };
  }
}
