import type { ActorLogic, AnyActorRef, EventObject, Snapshot } from 'xstate';
import type { Envelope } from './envelope.ts';
import { UnderstudyError } from './errors.ts';

/** What a plain actor does with its mail. Anything it throws crashes it, and its supervisor decides what follows. */
export interface Behaviour {
  /** Handles one envelope; must not block. A promise it returns is not waited for, but crashes the actor if it rejects. */
  receive(envelope: Envelope): void;
  /** Finishes what is under way; the supervisor waits for the promise within the child's shutdown time. */
  drain?(): Promise<void> | void;
  /** Releases what it holds. Called once, also before a restart. */
  stop?(): void;
}

/** How an actor fails outside of a delivery: in a callback of its own, say. */
export type Crash = (error: unknown) => void;

/** Message type of the request to finish what is under way. */
export const DRAIN = 'system.drain';

type BehaviourSnapshot = Snapshot<undefined> & { behaviour: Behaviour | undefined };

export type BehaviourLogic = ActorLogic<BehaviourSnapshot, EventObject, undefined>;

/**
 * xstate logic around a behaviour: it starts, stops and crashes as an actor does. Its mail comes by {@link mailTo}, so that
 * a message costs a function call, not a transition, and no data of the hot path ever passes through snapshots.
 */
export function logicOf(start: () => Behaviour): BehaviourLogic {
  return {
    getInitialSnapshot: () => ({
      status: 'active',
      output: undefined,
      error: undefined,
      behaviour: undefined,
    }),
    getPersistedSnapshot: (snapshot) => snapshot,
    start: (snapshot) => {
      snapshot.behaviour = start();
    },
    transition: (snapshot, event) => {
      if (event instanceof Failure) crash(snapshot, event.reason);
      if (event.type === 'xstate.stop') return stopped(snapshot);
      return snapshot;
    },
  };
}

/** The running incarnation behind a stable ref. */
export interface Incarnation {
  send(envelope: Envelope): void;
}

/** The way for mail to a started actor: to a behaviour directly, to any other logic as xstate events. */
export function mailTo(actor: AnyActorRef): Incarnation {
  const snapshot: unknown = actor.getSnapshot();
  return isBehaviour(snapshot) ? new DirectMail(snapshot, actor) : actor;
}

function isBehaviour(snapshot: unknown): snapshot is BehaviourSnapshot {
  return typeof snapshot === 'object' && snapshot !== null && 'behaviour' in snapshot;
}

/** Handles one envelope after the other, also where handling one sends another. */
class DirectMail implements Incarnation {
  readonly #snapshot: BehaviourSnapshot;
  readonly #self: Self;
  #busy = false;
  #waiting: Envelope[] = [];

  constructor(snapshot: BehaviourSnapshot, self: Self) {
    this.#snapshot = snapshot;
    this.#self = self;
  }

  send(envelope: Envelope): void {
    if (this.#busy) {
      this.#waiting.push(envelope);
      return;
    }
    this.#busy = true;
    try {
      deliver(this.#snapshot, envelope, this.#self);
      while (this.#waiting.length > 0) this.#handleWaiting();
    } catch (error) {
      // Thrown inside xstate, it is the actor's crash.
      if (this.#snapshot.behaviour !== undefined) this.#self.send(new Failure(error));
    } finally {
      this.#busy = false;
    }
  }

  #handleWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const envelope of waiting) deliver(this.#snapshot, envelope, this.#self);
  }
}

/** What a behaviour threw or rejected with, on its way to the actor that it crashes. */
class Failure {
  readonly type = 'understudy.failed';
  readonly reason: unknown;

  constructor(reason: unknown) {
    this.reason = reason;
  }
}

interface Self {
  send(event: EventObject): void;
}

function deliver(snapshot: BehaviourSnapshot, envelope: Envelope, self: Self): void {
  const behaviour = snapshot.behaviour;
  if (behaviour === undefined) return;
  if (envelope.type === DRAIN) {
    drain(behaviour, envelope);
    return;
  }
  const result: unknown = behaviour.receive(envelope);
  if (result instanceof Promise) {
    result.catch((reason) => {
      if (snapshot.behaviour !== undefined) self.send(new Failure(reason));
    });
  }
}

/** xstate does not tell logic that crashed to stop, so what it holds is released before the crash is known. */
function crash(snapshot: BehaviourSnapshot, error: unknown): never {
  const behaviour = snapshot.behaviour;
  snapshot.behaviour = undefined;
  try {
    behaviour?.stop?.();
  } catch {
    // The crash is the news; what was not released is a consequence.
  }
  throw error;
}

function drain(behaviour: Behaviour, envelope: Envelope): void {
  new Promise((resolve) => resolve(behaviour.drain?.())).then(
    () => envelope.reply(undefined),
    (cause) => envelope.fail(new UnderstudyError('INTERNAL', 'The actor failed to drain', { cause })),
  );
}

function stopped(snapshot: BehaviourSnapshot): BehaviourSnapshot {
  const behaviour = snapshot.behaviour;
  snapshot.behaviour = undefined;
  behaviour?.stop?.();
  return { status: 'stopped', output: undefined, error: undefined, behaviour: undefined };
}
