import type { ActorRef } from '../runtime/actor-ref.ts';
import type { MessageSchemas } from '../runtime/message-schema.ts';
import { actorOf, type Message } from '../runtime/protocol.ts';
import { checkMessage, checkType, unknown } from './check-message.ts';

/** A message at the ref of the actor that it is for. */
export interface Routed {
  readonly ref: ActorRef;
  readonly message: Message;
}

/** Finds the actor that a message is for, and lets in what the schemas of that actor allow; without any, everything. */
export class Router {
  readonly #refs: ReadonlyMap<string, ActorRef>;
  readonly #schemas: ReadonlyMap<string, MessageSchemas>;

  constructor(refs: ReadonlyMap<string, ActorRef>, schemas: ReadonlyMap<string, MessageSchemas>) {
    this.#refs = refs;
    this.#schemas = schemas;
  }

  /** Throws INVALID_MESSAGE and UNKNOWN_MESSAGE. */
  route(message: unknown): Routed {
    checkType(message);
    const actor = actorOf(message.type);
    const ref = this.#refs.get(actor);
    if (ref === undefined) throw unknown(message.type, []);
    const schemas = this.#schemas.get(actor);
    return { ref, message: schemas === undefined ? message : checkMessage(schemas, message) };
  }
}
