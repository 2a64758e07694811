import { DRAIN, type Incarnation } from './behaviour.ts';
import type { Clock } from './clock.ts';
import type { DeadLetters } from './dead-letters.ts';
import { DeadlineWheel } from './deadline-wheel.ts';
import { type Custodian, Envelope, type TraceContext } from './envelope.ts';
import { isUnderstudyError, UnderstudyError } from './errors.ts';
import type { Message } from './protocol.ts';

/** What a ref needs of tracing. */
interface MailTracing {
  /** The active trace context, or undefined when nobody records. */
  capture(): TraceContext | undefined;
  /** A span around one operation, and the context that what it causes belongs to. */
  operation(
    name: string,
    parent: TraceContext,
  ): { readonly context: TraceContext; end(error?: unknown): void };
}

export interface ActorRefOptions {
  readonly id: string;
  readonly clock: Clock;
  readonly deadLetters: DeadLetters;
  /** Most envelopes that may wait for this actor at once. */
  readonly capacity: number;
  /** Milliseconds an ask waits unless told otherwise. */
  readonly deadline: number;
  /** Which message types may be delivered a second time after a crash. */
  readonly idempotent: ReadonlySet<string>;
  readonly tracing: MailTracing;
  /** Every message of the actor is answered, so that told ones are counted until then, like asked ones. */
  readonly settles?: boolean;
  /** Message types that are let in beyond the capacity, because they end the waiting of others. */
  readonly urgent?: ReadonlySet<string>;
}

export interface PostOptions {
  /** Milliseconds until the reply is worthless; `Infinity` waits for ever. */
  readonly deadline?: number | undefined;
  /** The trace the message belongs to; by default the active one. */
  readonly trace?: TraceContext | undefined;
}

/** Deadlines are rounded down to a slot of the wheel, so that an answer is never later than promised. */
const SLACK = 10;

/**
 * A holder's stable handle on an actor. It survives restarts: while the actor is away, envelopes wait here within its
 * capacity and their deadlines; after a crash, idempotent ones are delivered once more and the others fail.
 */
export class ActorRef implements Custodian {
  readonly id: string;
  readonly capacity: number;
  readonly #options: ActorRefOptions;
  readonly #wheel: DeadlineWheel;
  #incarnation: Incarnation | undefined;
  readonly #parked = new Set<Envelope>();
  #parkedSends = 0;
  #refusal: UnderstudyError | undefined;
  #current: Envelope | undefined;
  #turnBegan: number | undefined;

  constructor(options: ActorRefOptions) {
    this.id = options.id;
    this.capacity = options.capacity;
    this.#options = options;
    this.#wheel = new DeadlineWheel(options.clock);
  }

  /** Envelopes that were accepted and not yet answered. */
  get depth(): number {
    return this.#wheel.size + this.#parkedSends;
  }

  /** Whether an incarnation is running. */
  get alive(): boolean {
    return this.#incarnation !== undefined;
  }

  /** Sends and forgets. What is refused or cannot be delivered becomes a dead letter. */
  send<M extends Message>(message: M, trace?: TraceContext): void {
    const { deadLetters, settles, tracing } = this.#options;
    const bury = (error: unknown): void => {
      deadLetters.add(this.id, message.type, isUnderstudyError(error) ? error.code : 'INTERNAL');
    };
    if (settles) {
      this.post(message, ignore, bury, { deadline: Infinity, trace });
      return;
    }
    const refusal = this.#refuses(message.type);
    if (refusal !== undefined) bury(refusal);
    else this.#deliver(new Envelope(message, trace ?? tracing.capture()));
  }

  /** Sends and calls back with the reply or the error, at the latest at the deadline. */
  post<M extends Message>(
    message: M,
    resolve: (reply: never) => void,
    reject: (error: unknown) => void,
    options?: PostOptions,
  ): void {
    const refusal = this.#refuses(message.type);
    if (refusal !== undefined) {
      reject(refusal);
      return;
    }
    const envelope = new Envelope(message, options?.trace, resolve, reject);
    if (envelope.trace === undefined) this.#trace(envelope);
    this.#deliver(envelope);
    // Most answers come in the same turn; only what is still open needs a deadline and a place in the count.
    if (envelope.open) this.#await(envelope, options?.deadline ?? this.#options.deadline);
  }

  /** Sends and promises the reply. */
  ask<Reply>(message: Message, options?: PostOptions): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => this.post(message, resolve, reject, options));
  }

  settled(envelope: Envelope): void {
    this.#wheel.remove(envelope);
    if (this.#parked.size > 0) this.#parked.delete(envelope);
  }

  /** An incarnation is up: what waited is delivered in its order of arrival. */
  attach(incarnation: Incarnation): void {
    this.#incarnation = incarnation;
    const parked = [...this.#parked];
    this.#parked.clear();
    this.#parkedSends = 0;
    for (const envelope of parked) this.#deliver(envelope);
  }

  /** Takes nothing new; what it holds already is finished. */
  close(error: UnderstudyError): void {
    this.#refusal = error;
  }

  /** Asks the incarnation to finish what is under way; resolves then, or after `patience` milliseconds. */
  drain(patience: number): Promise<void> {
    const incarnation = this.#incarnation;
    if (incarnation === undefined || patience === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => resolve();
      const envelope = new Envelope({ type: DRAIN }, undefined, done, done);
      this.#deliver(envelope);
      if (envelope.open) this.#await(envelope, patience);
    });
  }

  /**
   * The incarnation crashed. What it was working on fails, what may be repeated waits for the next one. Returns the id of
   * the envelope that was being delivered.
   */
  crashed(cause: unknown): number | undefined {
    this.#incarnation = undefined;
    const culprit = this.#current;
    this.#current = undefined;
    for (const envelope of this.#wheel.waiting()) {
      if (this.#parked.has(envelope)) continue;
      const repeatable = this.#options.idempotent.has(envelope.type) && envelope.redelivered === 0;
      if (repeatable && envelope !== culprit) {
        envelope.redelivered++;
        envelope.lateness = undefined;
        this.#parked.add(envelope);
      } else {
        envelope.fail(
          new UnderstudyError('ACTOR_CRASHED', `Actor ${this.id} crashed while it held ${envelope.type}`, {
            cause,
          }),
        );
      }
    }
    if (culprit?.open) {
      culprit.fail(
        new UnderstudyError('ACTOR_CRASHED', `Actor ${this.id} crashed on ${culprit.type}`, { cause }),
      );
    }
    return culprit?.id;
  }

  /** No incarnation will come: everything that waits or comes later is refused with this error. */
  refuse(error: UnderstudyError): void {
    this.#incarnation = undefined;
    this.#refusal = error;
    for (const envelope of this.#wheel.waiting()) envelope.fail(error);
    for (const envelope of this.#parked) this.#options.deadLetters.add(this.id, envelope.type, error.code);
    this.#parked.clear();
    this.#parkedSends = 0;
    this.#wheel.stop();
  }

  #await(envelope: Envelope, patience: number): void {
    envelope.custodian = this;
    if (patience !== Infinity) envelope.deadline = this.#turn() + Math.max(0, patience - SLACK);
    this.#wheel.add(envelope);
  }

  /** Monotonic time, read once a turn: thousands of envelopes of one turn share a deadline. */
  #turn(): number {
    if (this.#turnBegan === undefined) {
      this.#turnBegan = this.#options.clock.monotonic();
      process.nextTick(this.#turnEnds);
    }
    return this.#turnBegan;
  }

  readonly #turnEnds = (): void => {
    this.#turnBegan = undefined;
  };

  /** An operation has a span of its own only where its caller records one. */
  #trace(envelope: Envelope): void {
    const { tracing } = this.#options;
    const parent = tracing.capture();
    if (parent === undefined) return;
    const span = tracing.operation(envelope.type, parent);
    envelope.span = span;
    envelope.trace = span.context;
  }

  #refuses(type: string): UnderstudyError | undefined {
    if (this.#refusal !== undefined) return this.#refusal;
    if (this.depth < this.capacity || this.#options.urgent?.has(type)) return undefined;
    return new UnderstudyError(
      'OVERLOADED',
      `Actor ${this.id} already holds ${this.capacity} unanswered messages`,
    );
  }

  #deliver(envelope: Envelope): void {
    const incarnation = this.#incarnation;
    if (incarnation === undefined) {
      this.#parked.add(envelope);
      if (!envelope.expectsReply) this.#parkedSends++;
      return;
    }
    const outer = this.#current;
    this.#current = envelope;
    incarnation.send(envelope);
    // A crash during the delivery has cleared it already; that must not be undone.
    if (this.#incarnation === incarnation) this.#current = outer;
  }
}

function ignore(): void {}
