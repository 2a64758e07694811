import type { ChildSpec } from '../../src/runtime/child-spec.ts';
import { type CircuitBreakerOptions, circuitBreakerMachine } from './machine.ts';

const ID = 'circuit-breaker';

/** The circuit-breaker actor: the only way to Redis. */
export function circuitBreakerActor(options: CircuitBreakerOptions): ChildSpec {
  const { events } = options;
  let life: AbortController | undefined;

  // A machine that throws in a transition is not told of its end, and leaves running what it invoked: loops that would
  // break the connections of its successor. Nor may anybody go on to rely on a closed breaker while there is none.
  events.subscribe((event) => {
    if (event.type !== 'actor.crashed' || event.actor !== ID || life === undefined) return;
    life.abort();
    events.publish({ type: 'breaker.changed', state: 'open', generation: 0, reason: 'the circuit breaker crashed' });
  });

  return {
    id: ID,
    start: () => {
      life = new AbortController();
      return circuitBreakerMachine(options, life);
    },
    shutdown: 0,
    idempotent: ['circuit-breaker.read', 'circuit-breaker.status', 'circuit-breaker.scan'],
  };
}
