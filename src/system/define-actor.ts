import type { AnyActorLogic } from 'xstate';
import type { Behaviour } from '../runtime/behaviour.ts';
import { type ActorContext, type ChildSpec, speaking } from '../runtime/child-spec.ts';
import type { Envelope } from '../runtime/envelope.ts';
import type { AnyProtocol, MessageOf } from '../runtime/protocol.ts';
import type { CoreProtocol } from './core-protocol.ts';

/** A behaviour that knows the messages of its protocol. */
export type BehaviourOf<P extends AnyProtocol> = Omit<Behaviour, 'receive'> & {
  receive(envelope: Envelope<MessageOf<P>>): void;
};

/** A child spec that remembers its protocol, so that `ask` knows its messages and replies. */
export interface ActorSpec<P extends AnyProtocol = AnyProtocol> extends ChildSpec {
  /** Exists in types only. */
  readonly protocol?: P;
}

/** What a host application says of an actor of its own. */
export type ActorDefinition<P extends AnyProtocol, Others extends AnyProtocol> = Omit<
  ChildSpec,
  'start' | 'idempotent'
> & {
  /** Starts an incarnation: a behaviour, or any xstate logic whose events are then envelopes. */
  start(context: ActorContext<CoreProtocol & Others & P>): BehaviourOf<P> | AnyActorLogic;
  readonly idempotent?: readonly (keyof P & string)[];
};

/**
 * Defines an actor for `createUnderstudy({ actors: [...] })`: supervised like the built-in ones, asking them and being
 * asked. Message types begin with the actor's id: `<id>.<verb>`. `Others` are protocols of further actors it talks to.
 */
export function defineActor<P extends AnyProtocol, Others extends AnyProtocol = CoreProtocol>(
  definition: ActorDefinition<P, Others>,
): ActorSpec<P> {
  return { ...definition, start: (context) => definition.start(speaking(context)) };
}
