import type { ActorLogic, EventObject, Snapshot } from 'xstate';
import { Envelope } from './envelope.ts';
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
 * xstate logic around a behaviour. It returns the same snapshot for every envelope: a message costs a function call, not
 * a transition, and no data of the hot path ever passes through snapshots.
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
    transition: (snapshot, event, { self }) => {
      if (event instanceof Envelope) deliver(snapshot, event, self);
      else if (event instanceof LateRejection) crash(snapshot, event.reason);
      else if (event.type === 'xstate.stop') return stopped(snapshot);
      return snapshot;
    },
  };
}

/** What an asynchronous `receive` rejected with, on its way back to the actor that it crashes. */
class LateRejection {
  readonly type = 'understudy.rejected';
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
  try {
    const result: unknown = behaviour.receive(envelope);
    if (result instanceof Promise) {
      result.catch((reason) => {
        if (snapshot.behaviour !== undefined) self.send(new LateRejection(reason));
      });
    }
  } catch (error) {
    crash(snapshot, error);
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
