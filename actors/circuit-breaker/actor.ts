import type { ChildSpec } from '../../src/runtime/child-spec.ts';
import { type CircuitBreakerOptions, circuitBreakerMachine } from './machine.ts';

/** The circuit-breaker actor: the only way to Redis. */
export function circuitBreakerActor(options: CircuitBreakerOptions): ChildSpec {
  return {
    id: 'circuit-breaker',
    start: () => circuitBreakerMachine(options),
    shutdown: 0,
    idempotent: ['circuit-breaker.read', 'circuit-breaker.status', 'circuit-breaker.scan'],
  };
}
