import type { AnyActorLogic } from 'xstate';
import type { ActorRef } from './actor-ref.ts';
import type { Behaviour, Crash } from './behaviour.ts';
import type { Clock } from './clock.ts';
import type { Envelope } from './envelope.ts';
import type { Logger } from './logger.ts';
import type { MessageSchemas } from './message-schema.ts';
import type { AnyProtocol, MessageOf, ReplyOf } from './protocol.ts';

/** When an actor that ended is started again: always; only after a crash; never. */
export type Restart = 'permanent' | 'transient' | 'temporary';

/** Which siblings share an actor's fate: none; all; those started after it. */
export type Strategy = 'one-for-one' | 'one-for-all' | 'rest-for-one';

/** What an actor is given: the way to all others, time, and a log. `P` is what the others understand. */
export interface ActorContext<P extends AnyProtocol = AnyProtocol> {
  /** The actor's own stable ref. */
  readonly self: ActorRef;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Fails the actor from outside a delivery: from a callback of its own. */
  readonly crash: Crash;
  ask<M extends MessageOf<P>>(message: M, options?: ActorAskOptions): Promise<ReplyOf<P, M['type']>>;
  send(message: MessageOf<P>, options?: Pick<ActorAskOptions, 'parent'>): void;
}

interface ActorAskOptions {
  /** Milliseconds until the reply is worthless. Default: the system's `deadline`. */
  readonly deadline?: number | undefined;
  /** The message that is being handled: what is asked for it belongs to its trace. */
  readonly parent?: Envelope | undefined;
}

/** One child of a supervisor, as data. */
export interface ChildSpec {
  readonly id: string;
  /** Starts an incarnation: a behaviour, or any xstate logic, whose events are then envelopes. */
  start(context: ActorContext): Behaviour | AnyActorLogic;
  /** Default `permanent`. */
  readonly restart?: Restart;
  /** Milliseconds the actor may take to drain before it is stopped. 0 stops it at once. Default 1000. */
  readonly shutdown?: number;
  /** Most unanswered messages. Default: the system's `mailbox.capacity`. */
  readonly capacity?: number;
  /** Every message is answered, told ones too: they are then counted against `capacity` until that. Default false. */
  readonly settles?: boolean;
  /** Whether it goes on when the supervisor has given up, to tell of it. Default false. */
  readonly witness?: boolean;
  /** Message types that are let in beyond `capacity`, because they end the waiting of others. Default none. */
  readonly urgent?: readonly string[];
  /** Message types that may be delivered twice when a crash hits them. Default none. */
  readonly idempotent?: readonly string[];
  /** What strangers may send: other message types, and messages that do not fit, are refused. Default: everything. */
  readonly schemas?: MessageSchemas;
}

/** Which children to stop, in order, and then which to start, in order. */
export interface RestartPlan {
  readonly stop: readonly string[];
  readonly start: readonly string[];
}

/** Decides what the end of the child `id` means for its siblings, given in start order. */
export function planRestart(strategy: Strategy, order: readonly string[], id: string): RestartPlan {
  const at = order.indexOf(id);
  if (at < 0) return { stop: [], start: [] };
  const affected =
    strategy === 'one-for-one' ? [id] : strategy === 'one-for-all' ? order.slice() : order.slice(at);
  return { stop: affected.filter((other) => other !== id).reverse(), start: affected };
}

/**
 * The same context, typed by what the other actors understand. Refs are found by name at run time, so which protocols
 * stand behind the names is a promise of whoever composes the system; this is the one place that takes it at its word.
 */
export function speaking<P extends AnyProtocol>(context: ActorContext): ActorContext<P> {
  return context as ActorContext<AnyProtocol> & ActorContext<P>;
}
