import { createActor } from 'xstate';
import type { Behaviour, Crash } from '../../src/runtime/behaviour.ts';
import type { ChildSpec } from '../../src/runtime/child-spec.ts';
import type { Envelope } from '../../src/runtime/envelope.ts';
import { UnderstudyError } from '../../src/runtime/errors.ts';
import type { Message } from '../../src/runtime/protocol.ts';
import type { Gate } from './gate.ts';
import { type LifeOptions, lifeMachine, type Stand } from './life.ts';
import type { CircuitBreakerStatus } from './messages.ts';
import type { Remote } from './remote.ts';

export interface CircuitBreakerOptions<M extends Message> extends LifeOptions {
  readonly remote: Remote<M>;
  /** Default: that of the one in front of Redis. */
  readonly id?: 'circuit-breaker' | 'archive';
  /** Messages that are sent again after a crash. Default: those to Redis that change nothing. */
  readonly idempotent?: readonly string[];
}

const REPEATABLE: readonly string[] = ['circuit-breaker.read', 'circuit-breaker.scan'];

/** A circuit-breaker actor: the only way to Redis, or to the durable tier. */
export function circuitBreakerActor<M extends Message>(options: CircuitBreakerOptions<M>): ChildSpec {
  const { events, id = 'circuit-breaker', news = 'breaker', idempotent = REPEATABLE } = options;
  // A crashed breaker says nothing, and nobody may go on to rely on a closed one until there is another.
  events.subscribe((event) => {
    if (event.type !== 'actor.crashed' || event.actor !== id) return;
    events.publish({
      type: `${news}.changed`,
      state: 'open',
      generation: 0,
      reason: 'the circuit breaker crashed',
    });
  });
  return {
    id,
    start: ({ crash }) => new CircuitBreakerBehaviour(options, `${id}.status`, crash),
    shutdown: 0,
    idempotent: [...idempotent, `${id}.status`],
  };
}

/** Its life is a machine; a batch is not an event of that life, and goes straight through the gate of the present state. */
class CircuitBreakerBehaviour<M extends Message> implements Behaviour {
  readonly #options: CircuitBreakerOptions<M>;
  readonly #statusType: string;
  readonly #stand: Stand = { state: 'open', gate: undefined };
  readonly #life;

  constructor(options: CircuitBreakerOptions<M>, statusType: string, crash: Crash) {
    this.#options = options;
    this.#statusType = statusType;
    this.#life = createActor(lifeMachine(options, this.#stand), { clock: options.clock });
    this.#life.subscribe({ error: crash });
    this.#life.start();
  }

  receive(envelope: Envelope): void {
    const { message } = envelope;
    const { remote } = this.#options;
    if (remote.carries(message)) {
      const { state, gate } = this.#stand;
      if (gate === undefined || state !== 'closed') remote.refuse(envelope);
      else void remote.run(gate, envelope, message, this.#reconnect);
    } else if (message.type === this.#statusType) envelope.reply(this.#status());
    else {
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
