import type { HealthReport } from '../../actors/health/messages.ts';
import type { MetricsProtocol } from '../../actors/metrics/messages.ts';
import type { ActorRef } from '../runtime/actor-ref.ts';
import type { Clock } from '../runtime/clock.ts';
import type { EventBus, SystemListener, SystemState } from '../runtime/events.ts';
import type { KeyEventBus } from '../runtime/key-events.ts';
import type { AnyProtocol, MessageOf, ReplyOf } from '../runtime/protocol.ts';
import type { Namespaces } from '../wire/namespaces.ts';
import { Cache } from './cache.ts';
import { checkOptions } from './call-options.ts';
import type { CoreProtocol } from './core-protocol.ts';
import type { Declared } from './namespace.ts';
import type { Router } from './router.ts';

/** What the composition root hands over. */
export interface UnderstudyParts {
  readonly router: Router;
  readonly cache: ActorRef;
  readonly events: EventBus;
  readonly clock: Clock;
  /** Milliseconds that a value lives where nothing else is said. */
  readonly ttl: number;
  readonly keyEvents: KeyEventBus;
  readonly namespaces: Namespaces;
  readonly state: () => SystemState;
  readonly stop: () => Promise<void>;
}

/** A running system: the cache, the way to every actor, and its end. `P` is what its actors understand, `N` its namespaces. */
export class Understudy<P extends AnyProtocol = CoreProtocol, N extends Declared = Declared> {
  /** The cache as plain calls. */
  readonly cache: Cache<N>;
  readonly #parts: UnderstudyParts;
  #stopped: Promise<void> | undefined;

  constructor(parts: UnderstudyParts) {
    this.#parts = parts;
    const { cache: ref, clock, ttl, keyEvents, namespaces } = parts;
    this.cache = new Cache({ ref, clock, ttl, keyEvents, namespaces, random: () => Math.random() });
  }

  /** What the system is doing. */
  get state(): SystemState {
    return this.#parts.state();
  }

  /**
   * Sends a message to the actor that its type names and promises the reply. Rejects with UNKNOWN_MESSAGE,
   * INVALID_MESSAGE, OVERLOADED, DEADLINE_EXCEEDED, ACTOR_CRASHED, ACTOR_UNAVAILABLE or STOPPING.
   * `deadline`: milliseconds; default the system's.
   */
  ask<M extends MessageOf<P>>(
    message: M,
    options?: { readonly deadline?: number },
  ): Promise<ReplyOf<P, M['type']>> {
    return new Promise((resolve, reject) => {
      if (options !== undefined) checkOptions(options, ['deadline']);
      const routed = this.#parts.router.route(message);
      routed.ref.post(routed.message, resolve, reject, options);
    });
  }

  /** Sends a message and expects nothing. What cannot be delivered is counted as a dead letter. Throws UNKNOWN_MESSAGE and INVALID_MESSAGE. */
  send(message: MessageOf<P>): void {
    const routed = this.#parts.router.route(message);
    routed.ref.send(routed.message);
  }

  /** Calls back with everything that happens in the system; returns the function that ends the subscription. */
  subscribe(listener: SystemListener): () => void {
    return this.#parts.events.subscribe(listener);
  }

  /** How the system is. Never rejects while it runs. */
  async health(): Promise<HealthReport> {
    const { ref, message } = this.#parts.router.route({ type: 'health.check' });
    return ref.ask(message);
  }

  /** Everything that is counted, as it stands now. */
  async metrics(): Promise<ReplyOf<MetricsProtocol, 'metrics.snapshot'>> {
    const { ref, message } = this.#parts.router.route({ type: 'metrics.snapshot' });
    return ref.ask(message);
  }

  /** Drains the actors in reverse order and stops, within `drain` milliseconds. Idempotent. */
  stop(): Promise<void> {
    this.#stopped ??= this.#parts.stop();
    return this.#stopped;
  }
}
