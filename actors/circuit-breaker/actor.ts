import type { ChildSpec } from '../../src/runtime/child-spec.ts';
import { type CircuitBreakerOptions, circuitBreakerMachine } from './machine.ts';

const ID = 'circuit-breaker';

/** The circuit-breaker actor: the only way to Redis. */
export function circuitBreakerActor(options: CircuitBreakerOptions): ChildSpec {
  const { events } = options;
  // A crashed breaker says nothing, and nobody may go on to rely on a closed one until there is another.
  events.subscribe((event) => {
    if (event.type !== 'actor.crashed' || event.actor !== ID) return;
    events.publish({
      type: 'breaker.changed',
      state: 'open',
      generation: 0,
      reason: 'the circuit breaker crashed',
    });
  });
  return {
    id: ID,
    start: () => circuitBreakerMachine(options),
    shutdown: 0,
    idempotent: ['circuit-breaker.read', 'circuit-breaker.status', 'circuit-breaker.scan'],
  };
}
