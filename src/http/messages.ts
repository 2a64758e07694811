import type { FastifyInstance } from 'fastify';
import { isUnderstudyError, UnderstudyError } from '../runtime/errors.ts';
import type { Message } from '../runtime/protocol.ts';
import { checkType } from '../system/check-message.ts';
import type { HttpContext } from './context.ts';
import { deadlineOf } from './deadline.ts';
import { replyText } from './reply-text.ts';
import { inServerSpan } from './server-span.ts';

/** `POST /v1/messages`: the body is one message; the response holds the reply, and is empty where that is undefined. */
export function routeMessages(app: FastifyInstance, { understudy, guard, admit }: HttpContext): void {
  app.post('/v1/messages', { onRequest: [guard, admit] }, (request, response) =>
    inServerSpan(request, '/v1/messages', async () => {
      const message = withReason(messageIn(request.body));
      const deadline = deadlineOf(request.headers);
      let reply: unknown;
      try {
        reply = await understudy.ask(message, deadline === undefined ? undefined : { deadline });
      } catch (error) {
        throw failureOf(message, error);
      }
      if (response.raw.destroyed) returnLease(message, reply);
      return response.type('application/json').send(replyText(reply));
    }),
  );

  function returnLease(message: Message, reply: unknown): void {
    if (message.type !== 'cache.acquire' || !('key' in message) || typeof message.key !== 'string') return;
    if (typeof reply !== 'object' || reply === null || !('lease' in reply)) return;
    const abandon = { type: 'cache.abandon', key: message.key, lease: reply.lease };
    understudy.send(abandon);
  }
}

function messageIn(body: unknown): Message {
  checkType(body);
  return body;
}

/** What comes from outside is data, and waiters expect an error. */
function withReason(message: Message): Message {
  if (message.type !== 'cache.abandon' || !('reason' in message)) return message;
  const { reason } = message;
  const given = reason === null ? 'null' : typeof reason;
  if (given !== 'string' && given !== 'object') {
    throw new UnderstudyError('INVALID_MESSAGE', `reason: expected a text or an object, got ${given}`);
  }
  const error = new UnderstudyError('LOAD_FAILED', 'The holder of the lease could not load the value', {
    cause: reason,
  });
  return Object.assign({}, message, { reason: error });
}

/** Who waits for a load is given what its loader threw, which is anything. */
function failureOf(message: Message, error: unknown): unknown {
  if (message.type !== 'cache.acquire' || isUnderstudyError(error)) return error;
  return new UnderstudyError('LOAD_FAILED', 'The holder of the lease could not load the value', {
    cause: error,
  });
}
