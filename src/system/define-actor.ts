import type { AnyActorLogic } from 'xstate';
import type { Behaviour } from '../runtime/behaviour.ts';
import { type ActorContext, type ChildSpec, speaking } from '../runtime/child-spec.ts';
import type { Envelope } from '../runtime/envelope.ts';
import type { MessageSchema } from '../runtime/message-schema.ts';
import type { AnyProtocol, MessageOf } from '../runtime/protocol.ts';
import { checkDefinition } from './check-definition.ts';
import type { CoreProtocol } from './core-protocol.ts';

/** A behaviour that knows the messages of its protocol. */
export type BehaviourOf<P extends AnyProtocol> = Omit<Behaviour, 'receive'> & {
  receive(envelope: Envelope<MessageOf<P>>): void;
};

/** A child spec that remembers its protocol, so that `ask` knows its messages and replies. Made by {@link defineActor}. */
export interface ActorSpec<P extends AnyProtocol = AnyProtocol> extends ChildSpec {
  /** Exists in types only. */
  readonly protocol?: P;
}

/**
 * What a host application says of an actor of its own. Beside `id` and `start` all is optional: `restart` (default
 * `permanent`), `shutdown` (milliseconds, default 1000), `capacity` (messages, default the system's `mailbox.capacity`).
 */
export type ActorDefinition<P extends AnyProtocol, Others extends AnyProtocol> = Omit<
  ChildSpec,
  'start' | 'idempotent' | 'schemas'
> & {
  /**
   * Starts an incarnation: a behaviour, or any xstate logic, whose events are then envelopes. When the system stops, a
   * behaviour's `drain` is called; xstate logic is sent an envelope of type `system.drain` instead, to be replied to
   * when it is done. Give logic that does not know it a `shutdown` of 0.
   */
  start(context: ActorContext<CoreProtocol & Others & P>): BehaviourOf<P> | AnyActorLogic;
  /** Message types that may be delivered twice when a crash hits them. Default none. */
  readonly idempotent?: readonly (keyof P & string)[];
  /** A Standard Schema (zod, valibot, ...) of every message type: what does not fit is refused. Default: all is let in. */
  readonly schemas?: { readonly [T in keyof P & string]: MessageSchema<MessageOf<Pick<P, T>>> };
};

/**
 * Defines an actor for `createUnderstudy({ actors: [...] })`: supervised like the built-in ones, asking them and being
 * asked. Message types begin with the actor's id: `<id>.<verb>`. `Others` are protocols of further actors it talks to.
 * Throws INVALID_CONFIG for an id that cannot be one and for unknown or impossible options.
 */
export function defineActor<P extends AnyProtocol, Others extends AnyProtocol = CoreProtocol>(
  definition: ActorDefinition<P, Others>,
): ActorSpec<P> {
  checkDefinition(definition);
  return { ...definition, start: (context) => definition.start(speaking(context)) };
}
