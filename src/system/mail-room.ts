import { ActorRef } from '../runtime/actor-ref.ts';
import type { ActorContext, ChildSpec } from '../runtime/child-spec.ts';
import type { Clock } from '../runtime/clock.ts';
import { DeadLetters } from '../runtime/dead-letters.ts';
import { UnderstudyError } from '../runtime/errors.ts';
import type { EventBus } from '../runtime/events.ts';
import type { Logger } from '../runtime/logger.ts';
import type { MessageSchemas } from '../runtime/message-schema.ts';
import type { Tracing } from '../telemetry/port.ts';
import { askWithin } from './ask-within.ts';
import { CORE_SCHEMAS } from './core-schemas.ts';
import { Router } from './router.ts';

export interface MailRoomOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tracing: Tracing;
  readonly events: EventBus;
  /** Most unanswered messages of an actor that does not say. */
  readonly capacity: number;
  /** Milliseconds an ask waits. */
  readonly deadline: number;
}

/** Has the stable ref of every actor, and finds it for a message. */
export class MailRoom {
  readonly refs = new Map<string, ActorRef>();
  readonly router: Router;
  readonly #options: MailRoomOptions;
  readonly #deadLetters: DeadLetters;
  readonly #schemas = new Map<string, MessageSchemas>(Object.entries(CORE_SCHEMAS));

  constructor(options: MailRoomOptions) {
    this.#options = options;
    this.#deadLetters = new DeadLetters((letter) =>
      options.events.publish({ type: 'dead-letter', ...letter }),
    );
    this.router = new Router(this.refs, this.#schemas);
  }

  /** A ref for the actor of a spec. Throws INVALID_CONFIG when there is one of that name. */
  open(spec: Omit<ChildSpec, 'start'>): ActorRef {
    const { id, schemas, settles = false } = spec;
    if (this.refs.has(id))
      throw new UnderstudyError('INVALID_CONFIG', `actors: two of them are called ${id}`);
    const ref = new ActorRef({
      id,
      settles,
      clock: this.#options.clock,
      tracing: this.#options.tracing,
      deadLetters: this.#deadLetters,
      capacity: spec.capacity ?? this.#options.capacity,
      deadline: this.#options.deadline,
      idempotent: new Set(spec.idempotent),
      urgent: new Set(spec.urgent),
    });
    this.refs.set(id, ref);
    if (schemas !== undefined) this.#schemas.set(id, schemas);
    return ref;
  }

  /** What an actor is given to reach the others. */
  context(): Omit<ActorContext, 'self' | 'crash'> {
    const { clock, logger, tracing } = this.#options;
    return {
      clock,
      logger,
      ask: async (message, options) => {
        const routed = this.router.route(message);
        return askWithin(tracing, routed.ref, routed.message, options);
      },
      send: (message, options) => {
        const routed = this.router.route(message);
        routed.ref.send(routed.message, options?.parent?.trace);
      },
    };
  }
}
