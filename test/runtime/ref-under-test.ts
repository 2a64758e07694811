import { ActorRef, type ActorRefOptions } from '../../src/runtime/actor-ref.ts';
import type { Incarnation } from '../../src/runtime/behaviour.ts';
import { DeadLetters } from '../../src/runtime/dead-letters.ts';
import type { Envelope } from '../../src/runtime/envelope.ts';
import type { Tracing } from '../../src/telemetry/port.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

/** Nobody records. */
export const UNTRACED: Tracing = {
  capture: () => undefined,
  join: () => undefined,
  roundTrip: () => ({ end: () => {} }),
  operation: (_name, context) => ({ context, end: () => {} }),
};

/** An incarnation that keeps what it is sent, for the test to answer. */
export class Recorder implements Incarnation {
  readonly received: Envelope[] = [];

  send(envelope: Envelope): void {
    this.received.push(envelope);
  }

  get types(): string[] {
    return this.received.map(({ type }) => type);
  }

  /** Replies to the oldest envelope that is still open. */
  answer(reply?: unknown): void {
    this.received.find(({ open }) => open)?.reply(reply);
  }
}

export interface RefUnderTest {
  readonly ref: ActorRef;
  readonly clock: VirtualClock;
  /** What became a dead letter: type and reason. */
  readonly buried: [string, string][];
}

export function aRef(options: Partial<ActorRefOptions> = {}): RefUnderTest {
  const clock = new VirtualClock();
  const buried: [string, string][] = [];
  const ref = new ActorRef({
    id: 'subject',
    clock,
    deadLetters: new DeadLetters(({ messageType, reason }) => buried.push([messageType, reason])),
    capacity: 100,
    deadline: 500,
    idempotent: new Set(['subject.read']),
    tracing: UNTRACED,
    ...options,
  });
  return { ref, clock, buried };
}

/** How a promise ended, once it has: the value, or the code of the error. */
export class Watched {
  readonly outcomes: unknown[] = [];

  constructor(promise: Promise<unknown>) {
    promise.then(
      (value) => this.outcomes.push(value),
      (error: unknown) => this.outcomes.push(error instanceof Error && 'code' in error ? error.code : error),
    );
  }
}
