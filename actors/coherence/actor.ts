import type { Behaviour } from '../../src/runtime/behaviour.ts';
import type { ActorContext, ChildSpec } from '../../src/runtime/child-spec.ts';
import type { Envelope } from '../../src/runtime/envelope.ts';
import { UnderstudyError } from '../../src/runtime/errors.ts';
import type { BreakerState, EventBus } from '../../src/runtime/events.ts';
import type {
  InvalidationChannel,
  InvalidationListener,
  InvalidationMode,
} from '../../src/tiers/invalidation.ts';
import type { Near } from '../../src/tiers/near.ts';
import type { CoherenceMessage, CoherenceStatus } from './messages.ts';

export interface CoherenceOptions {
  readonly near: Near;
  readonly channel: InvalidationChannel;
  /** Milliseconds that an answer from memory may be behind Redis. */
  readonly staleness: number;
  readonly events: EventBus;
  /** As it is at any time: an actor that is restarted has missed how it came to be so. */
  readonly breaker: () => BreakerState | 'none';
}

/** The coherence actor: hears of the changes that others make, and says what of memory may be trusted. */
export function coherenceActor(options: CoherenceOptions): ChildSpec {
  return {
    id: 'coherence',
    start: (context) => new CoherenceBehaviour(options, context),
    shutdown: 0,
    idempotent: ['coherence.status'],
  };
}

/** Listens while the breaker is closed. Whatever ends it, a crash too, leaves nothing trusted. */
class CoherenceBehaviour implements Behaviour, InvalidationListener {
  readonly #options: CoherenceOptions;
  readonly #context: ActorContext;
  readonly #unsubscribe: () => void;
  #listening = false;
  #mode: InvalidationMode | 'none' = 'none';
  #reason = 'Redis is not there yet';

  constructor(options: CoherenceOptions, context: ActorContext) {
    this.#options = options;
    this.#context = context;
    this.#unsubscribe = options.events.subscribe((event) => {
      if (event.type === 'breaker.changed') this.#follow(event.state);
      // What the promoted server has lost, nobody announces.
      if (event.type === 'redis.failover') options.near.bump();
    });
    this.#follow(options.breaker());
  }

  receive(envelope: Envelope<CoherenceMessage>): void {
    if (envelope.message.type === 'coherence.status') envelope.reply(this.#status());
    else
      envelope.fail(
        new UnderstudyError('UNKNOWN_MESSAGE', `The coherence actor has no message ${envelope.type}`),
      );
  }

  stop(): void {
    this.#unsubscribe();
    this.#options.channel.close();
    this.#options.near.disarm();
  }

  armed(mode: InvalidationMode): void {
    this.#options.near.arm();
    this.#mode = mode;
    this.#reason =
      mode === 'tracking' ? 'the server tracks changes' : 'tracking is refused: changes are announced';
    this.#context.logger.info({ mode }, 'near reads: changes are heard of');
  }

  changed(key: string, version: string): void {
    this.#options.near.invalidate(key, version);
  }

  missed(reason: string): void {
    this.#options.near.bump();
    this.#context.logger.debug({ reason }, 'near reads: everything is read again');
  }

  heard(sent: number): void {
    this.#options.near.heard(sent, this.#options.staleness);
  }

  lost(reason: string): void {
    // Once a loss, not once an attempt.
    if (this.#mode !== 'none')
      this.#context.logger.warn({ reason }, 'near reads: changes are not heard of, Redis is asked');
    this.#deaf(reason);
  }

  #follow(breaker: BreakerState | 'none'): void {
    const { channel } = this.#options;
    if (breaker === 'closed') {
      if (this.#listening) return;
      this.#listening = true;
      this.#reason = 'connecting';
      channel.open(this);
    } else if (this.#listening) {
      this.#listening = false;
      channel.close();
      this.#deaf('Redis is out');
    }
  }

  #deaf(reason: string): void {
    this.#options.near.disarm();
    this.#mode = 'none';
    this.#reason = reason;
  }

  #status(): CoherenceStatus {
    const { near, staleness } = this.#options;
    const { epoch, gaps, invalidations, until } = near;
    const trusted = near.armed && this.#context.clock.monotonic() <= until;
    return { mode: this.#mode, trusted, staleness, epoch, gaps, invalidations, reason: this.#reason };
  }
}
