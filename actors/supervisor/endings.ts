import { UnderstudyError } from '../../src/runtime/errors.ts';

/** What is told who asks an actor that was stopped with the system. */
export function stopped(id: string): UnderstudyError {
  return new UnderstudyError('STOPPING', `Actor ${id} is stopped`);
}

/** What is told who asks an actor that takes nothing new, while it finishes what it has. */
export function draining(id: string): UnderstudyError {
  return new UnderstudyError('STOPPING', `Actor ${id} is draining`);
}

/** What is told who asks an actor that is down for good. */
export function unavailable(id: string, reason: string): UnderstudyError {
  return new UnderstudyError('ACTOR_UNAVAILABLE', `Actor ${id} is down: ${reason}`);
}
