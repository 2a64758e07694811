import { UnderstudyError } from './errors.ts';
import { keepShape } from './keep-shape.ts';
import type { Message } from './protocol.ts';

/** Trace context as the telemetry port captured it; opaque here. */
export type TraceContext = object;

type Resolve = (reply: never) => void;
type Reject = (error: unknown) => void;

/** Who keeps count of unanswered envelopes and drops them from its deadline wheel once they are settled. */
export interface Custodian {
  settled(envelope: Envelope): void;
}

/** Knows a better answer to a deadline than an error. */
export interface Lateness {
  late(): void;
}

interface EndableSpan {
  end(error?: unknown): void;
}

let lastId = 0;

/**
 * One message on its journey: its correlation id, where the reply goes, by when, and in which trace. xstate sees it as
 * the event, hence `type`. Settled exactly once; later replies are ignored.
 */
export class Envelope<M extends Message = Message> {
  readonly type: M['type'];
  readonly message: M;
  readonly id: number = ++lastId;
  /** Monotonic milliseconds after which nobody waits for the reply; Infinity for none. Set when it has to wait. */
  deadline = Infinity;
  trace: TraceContext | undefined;
  /** How often this envelope was delivered again after a crash. */
  redelivered = 0;

  /** Links in the deadline wheel's slot: intrusive, so that adding and removing allocate nothing. */
  previous: Envelope | undefined = undefined;
  next: Envelope | undefined = undefined;
  custodian: Custodian | undefined = undefined;
  /** Whether somebody asked, rather than told. */
  readonly expectsReply: boolean;
  /** What happens at the deadline instead of DEADLINE_EXCEEDED, where the actor knows something better. */
  lateness: Lateness | undefined = undefined;
  /** Ended when the envelope is settled, where the operation is traced. */
  span: EndableSpan | undefined = undefined;

  #resolve: Resolve | undefined;
  #reject: Reject | undefined;

  constructor(
    message: M,
    trace: TraceContext | undefined,
    resolve?: (reply: never) => void,
    reject?: (error: unknown) => void,
  ) {
    this.type = message.type;
    this.message = message;
    this.trace = trace;
    this.#resolve = resolve;
    this.#reject = reject;
    this.expectsReply = resolve !== undefined;
  }

  /** True while somebody still waits for the reply. */
  get open(): boolean {
    return this.#resolve !== undefined;
  }

  reply(reply: unknown): void {
    const resolve = this.#resolve;
    if (resolve === undefined) return;
    this.#close();
    resolve(reply as never);
  }

  fail(error: unknown): void {
    const reject = this.#reject;
    if (reject === undefined) return;
    this.#close(error);
    reject(error);
  }

  /** The deadline has passed. */
  expire(): void {
    if (this.lateness) this.lateness.late();
    else
      this.fail(
        new UnderstudyError('DEADLINE_EXCEEDED', `${this.type} was not answered within its deadline`),
      );
  }

  #close(error?: unknown): void {
    this.#resolve = undefined;
    this.#reject = undefined;
    if (this.custodian !== undefined) this.custodian.settled(this);
    if (this.span !== undefined) this.span.end(error);
  }
}

keepShape(new Envelope({ type: '' }, undefined));
