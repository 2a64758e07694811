import type { ActorLogic, EventObject, Snapshot } from 'xstate';
import { Envelope } from './envelope.ts';
import { UnderstudyError } from './errors.ts';

/** What a plain actor does with its mail. Anything it throws crashes it, and its supervisor decides what follows. */
export interface Behaviour {
  /** Handles one envelope; must not block and must not return a promise. */
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
    transition: (snapshot, event) => {
      if (event instanceof Envelope) deliver(snapshot, event);
      else if (event.type === 'xstate.stop') return stopped(snapshot);
      return snapshot;
    },
  };
}

function deliver(snapshot: BehaviourSnapshot, envelope: Envelope): void {
  const behaviour = snapshot.behaviour;
  if (behaviour === undefined) return;
  if (envelope.type !== DRAIN) {
    behaviour.receive(envelope);
    return;
  }
  Promise.resolve(behaviour.drain?.()).then(
    () => envelope.reply(undefined),
    (cause) => envelope.fail(new UnderstudyError('INTERNAL', 'The actor failed to drain', { cause })),
  );
}

function stopped(snapshot: BehaviourSnapshot): BehaviourSnapshot {
  snapshot.behaviour?.stop?.();
  return { status: 'stopped', output: undefined, error: undefined, behaviour: undefined };
}
