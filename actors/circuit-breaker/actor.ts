import { createActor } from 'xstate';
import type { Behaviour, Crash } from '../../src/runtime/behaviour.ts';
import type { ChildSpec } from '../../src/runtime/child-spec.ts';
import type { Envelope } from '../../src/runtime/envelope.ts';
import { UnderstudyError } from '../../src/runtime/errors.ts';
import { type Gate, GateClosedError } from './gate.ts';
import { type LifeOptions, lifeMachine, type Stand } from './life.ts';
import type { CircuitBreakerMessage, CircuitBreakerStatus } from './messages.ts';
import { type Remote, unavailable } from './remote.ts';

const ID = 'circuit-breaker';

export interface CircuitBreakerOptions extends LifeOptions {
  readonly remote: Remote;
}

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
    start: ({ crash }) => new CircuitBreakerBehaviour(options, crash),
    shutdown: 0,
    idempotent: ['circuit-breaker.read', 'circuit-breaker.status', 'circuit-breaker.scan'],
  };
}

/** Its life is a machine; a batch is not an event of that life, and goes straight through the gate of the present state. */
class CircuitBreakerBehaviour implements Behaviour {
  readonly #options: CircuitBreakerOptions;
  readonly #stand: Stand = { state: 'open', gate: undefined };
  readonly #life;

  constructor(options: CircuitBreakerOptions, crash: Crash) {
    this.#options = options;
    this.#life = createActor(lifeMachine(options, this.#stand), { clock: options.clock });
    this.#life.subscribe({ error: crash });
    this.#life.start();
  }

  receive(envelope: Envelope<CircuitBreakerMessage>): void {
    const { message } = envelope;
    switch (message.type) {
      case 'circuit-breaker.read':
      case 'circuit-breaker.write':
      case 'circuit-breaker.replay':
      case 'circuit-breaker.lease':
      case 'circuit-breaker.clear':
      case 'circuit-breaker.scan':
      case 'circuit-breaker.recall':
      case 'circuit-breaker.remember': {
        const { state, gate } = this.#stand;
        if (gate === undefined || state !== 'closed') envelope.fail(unavailable(new GateClosedError()));
        else void this.#options.remote.run(gate, envelope, message, this.#reconnect);
        break;
      }
      case 'circuit-breaker.status':
        envelope.reply(this.#status());
        break;
      default:
        envelope.fail(
          new UnderstudyError('UNKNOWN_MESSAGE', `The circuit breaker has no message ${envelope.type}`),
        );
    }
  }

  stop(): void {
    this.#life.stop();
  }

  #status(): CircuitBreakerStatus {
    const { generation, reason, trips } = this.#life.getSnapshot().context;
    return { generation, reason, trips, state: this.#stand.state, connected: this.#options.tier.connected };
  }

  /**
   * A socket that timed out is not trusted again; but that of an earlier generation was dropped with it, and today's is
   * another. A failure here shows in the calls that follow.
   */
  readonly #reconnect = (gate: Gate): void => {
    const { tier, onServerTime } = this.#options;
    if (tier.connected && gate === this.#stand.gate) tier.connect().then(onServerTime, () => {});
  };
}
