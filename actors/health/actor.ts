import { type ChildSpec, speaking } from '../../src/runtime/child-spec.ts';
import { type HealthOptions, healthMachine } from './machine.ts';

/** The health actor: knows ready from alive, and why. */
export function healthActor(options: HealthOptions): ChildSpec {
  return {
    id: 'health',
    start: (context) => healthMachine(options, speaking(context)),
    shutdown: 0,
    witness: true,
    idempotent: ['health.check'],
  };
}
