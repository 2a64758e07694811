import type { ActorRef } from '../runtime/actor-ref.ts';
import type { Envelope } from '../runtime/envelope.ts';
import type { Message } from '../runtime/protocol.ts';
import type { Tracing } from '../telemetry/port.ts';

export interface AskWithinOptions {
  readonly deadline?: number | undefined;
  /** The message that is being handled. */
  readonly parent?: Envelope | undefined;
}

/** An actor's ask, in the trace of the message that it is handling; without that one, in the active trace. */
export async function askWithin<Reply>(
  tracing: Tracing,
  ref: ActorRef,
  message: Message,
  { deadline, parent }: AskWithinOptions = {},
): Promise<Reply> {
  if (parent?.trace === undefined) return ref.ask(message, { deadline });
  const span = tracing.operation(message.type, parent.trace);
  try {
    const reply = await ref.ask<Reply>(message, { deadline, trace: span.context });
    span.end();
    return reply;
  } catch (error) {
    span.end(error);
    throw error;
  }
}
