import { createActor } from 'xstate';
import { type SupervisorOptions, supervisorMachine } from '../../actors/supervisor/machine.ts';
import type { SupervisorMessage } from '../../actors/supervisor/messages.ts';
import type { ActorRef } from '../runtime/actor-ref.ts';
import type { Envelope } from '../runtime/envelope.ts';
import { UnderstudyError } from '../runtime/errors.ts';

/** Starts the supervisor, and with it all its children. Returns what ends them, within `drain` milliseconds. */
export function startRoot(options: SupervisorOptions, ref: ActorRef, drain: number): () => Promise<void> {
  const { clock, logger } = options;
  const root = createActor(supervisorMachine(options), { clock });
  root.subscribe({
    error: (error) => {
      logger.error({ err: error }, 'the supervisor failed');
      ref.crashed(error);
      ref.refuse(new UnderstudyError('ACTOR_UNAVAILABLE', 'The supervisor crashed', { cause: error }));
    },
  });
  root.start();
  ref.attach({
    send: (envelope) => {
      if (isForSupervisor(envelope)) root.send(envelope);
      else
        envelope.fail(
          new UnderstudyError('UNKNOWN_MESSAGE', `The supervisor has no message ${envelope.type}`),
        );
    },
  });
  return async () => {
    const { status } = root.getSnapshot();
    // One that crashed has taken everything with it.
    if (status !== 'active') return;
    await new Promise<void>((resolve) => {
      const timer = clock.setTimeout(resolve, drain);
      root.subscribe({
        complete: () => {
          clock.clearTimeout(timer);
          resolve();
        },
      });
      root.send({ type: 'supervisor.drain' });
    });
    root.stop();
    ref.refuse(new UnderstudyError('STOPPING', 'The system is stopped'));
  };
}

function isForSupervisor(envelope: Envelope): envelope is Envelope<SupervisorMessage> {
  return envelope.type === 'supervisor.tree';
}
