import type { CacheMessage } from '../../actors/cache/messages.ts';
import type { PostOptions } from '../runtime/actor-ref.ts';
import type { TraceContext } from '../runtime/envelope.ts';

/** A way to the cache actor: its ref, or something between that and the caller. */
export interface CacheMail {
  /** Most messages that may wait for the actor at once. */
  readonly capacity: number;
  send(message: CacheMessage, trace?: TraceContext): void;
  post(
    message: CacheMessage,
    resolve: (reply: never) => void,
    reject: (error: unknown) => void,
    options?: PostOptions,
  ): void;
  ask<Reply>(message: CacheMessage, options?: PostOptions): Promise<Reply>;
}
